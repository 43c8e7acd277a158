"""
The documents that are made for other programs.
"""

from collections.abc import Iterable

from bot.documents.data.archive import zipped
from bot.documents.exchange.fhir_case import case_bundle
from bot.documents.exchange.fhir_study import study_bundle
from bot.documents.exchange.fhir_words import Resource
from bot.documents.exchange.filed import Filed, filed
from bot.documents.exchange.odm_case import document
from bot.documents.exchange.redcap_form import dictionary
from bot.documents.exchange.redcap_records import records
from bot.documents.kinds import Asked, Document
from bot.rules import file_form
from bot.rules.protocol import Kind, Protocol
from bot.rules.versions import PROTOCOLS


def as_fhir(asked: Asked) -> Document:
    """
    A bundle of the case; or one of each case and one of the study for each version of the protocol, in an archive.
    """
    cases = _cases(asked)
    if asked.code is not None:
        (case,) = cases
        return _document(asked, f"{asked.code}.fhir.json", _json(case_bundle(case, PROTOCOLS[case.version])))
    files = [(f"{case.code}.json", _json(case_bundle(case, PROTOCOLS[case.version]))) for case in cases]
    for protocol in _protocols(asked):
        own = [case for case in cases if case.version == protocol.version]
        files.append((f"{_name(protocol)}.json", _json(study_bundle(protocol, own))))
    return _zipped(asked, "screening-fhir.zip", files)


def as_odm(asked: Asked) -> Document:
    """
    Everything in one file, or one case.
    """
    content = document(_cases(asked), _protocols(asked), asked.snapshot.at)
    return _document(asked, "screening-odm.xml", content)


def as_redcap(asked: Asked) -> Document:
    """
    For each version of the protocol and each population a dictionary and the records, in an archive.
    """
    cases, files = _cases(asked), []
    for protocol in _protocols(asked):
        for kind in Kind:
            population = protocol.population(kind)
            own = [case for case in cases if (case.version, case.population.kind) == (protocol.version, kind)]
            name = f"{_name(protocol)}-{kind}"
            files.append((f"{name}-dictionary.csv", dictionary(population, asked.words).encode()))
            files.append((f"{name}-records.csv", records(population, own).encode()))
    return _zipped(asked, "screening-redcap.zip", files)


def _cases(asked: Asked) -> list[Filed]:
    return [filed(file) for file in asked.snapshot.files if asked.code in {None, file.case.code}]


def _protocols(asked: Asked) -> list[Protocol]:
    return [PROTOCOLS[version] for version in asked.snapshot.versions]


def _name(protocol: Protocol) -> str:
    return protocol.version.replace("/", "-")


def _json(resource: Resource) -> bytes:
    return file_form.dumps(resource).encode()


def _document(asked: Asked, name: str, content: bytes) -> Document:
    number = len(asked.snapshot.files) if asked.code is None else 1
    return Document(name, content, asked.words.count("data.caption", number).unescape())


def _zipped(asked: Asked, name: str, files: Iterable[tuple[str, bytes]]) -> Document:
    return _document(asked, name, zipped(files, made=asked.snapshot.local(asked.snapshot.at)))
