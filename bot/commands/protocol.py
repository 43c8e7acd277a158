"""
`python -m bot protocol`: the criteria, for people and for other programs.
"""

import argparse
from collections.abc import Iterable

from bot.rules import file_form
from bot.rules.protocol import Kind, Population, Protocol
from bot.rules.versions import LATEST

HELP = "print the criteria, to proofread or for other programs"


def declare(parser: argparse.ArgumentParser) -> None:
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--markdown", dest="form", action="store_const", const="markdown", help="a table; the default")
    form.add_argument("--cql", dest="form", action="store_const", const="cql", help="HL7 CQL, a library for each kind")
    form.add_argument("--fhir", dest="form", action="store_const", const="fhir", help="FHIR R4, a group for each kind")
    parser.add_argument("--kind", choices=tuple(Kind), help="one library alone, for a translator; both by default")
    parser.add_argument("--language", choices=("en", "fr"), default="en", help="of the table")


def run(options: argparse.Namespace) -> int:
    print(*lines(options, LATEST), sep="\n", end="")
    return 0


def lines(options: argparse.Namespace, protocol: Protocol) -> Iterable[str]:
    """
    What is printed.
    """
    if options.form == "cql":
        from bot.rules.cql import library  # noqa: PLC0415  no more than is asked for

        return [library(protocol, population) for population in _chosen(options, protocol)]
    if options.form == "fhir":
        from bot.documents.exchange.fhir_study import criteria_bundle  # noqa: PLC0415  as above

        return [f"{file_form.dumps(criteria_bundle(protocol))}\n"]
    from bot.render.protocol import table  # noqa: PLC0415  as above
    from bot.texts import words  # noqa: PLC0415  as above

    return [f"{table(protocol, words(options.language))}\n"]


def _chosen(options: argparse.Namespace, protocol: Protocol) -> list[Population]:
    return [protocol.population(kind) for kind in ([options.kind] if options.kind else Kind)]
