"""
Every text that can be looked up is there, in both languages, with the same parts.
"""

import ast
import re
import string
from pathlib import Path

import pytest
from babel.messages.catalog import Message
from babel.messages.pofile import read_po

from bot import texts
from bot.catalogues import CATALOGUES, DOCUMENTS, HTML, LANGUAGES, PLAIN
from bot.handlers.routes import menu
from bot.rules.assessment import Verdict
from bot.rules.criteria import Cited
from bot.rules.items import Choice, Problem, Several
from bot.rules.versions import PROTOCOLS
from bot.screens.decisions import REASONS as DECISION_REASONS
from bot.screens.questions import REASONS
from bot.texts import words
from bot.typed.values import EntryProblem
from db.base.tables import DecisionKind, Stage
from db.cases.decisions import SIGN_OFFS
from db.cases.overview import NEAR, OLDEST, SINGLE
from db.follow_up.due import ReminderKind
from db.people.authenticators import Check

SOURCES = Path(texts.__file__).parent


def _messages(language: str, domain: str) -> dict[str, Message]:
    with (CATALOGUES / language / "LC_MESSAGES" / f"{domain}.po").open("rb") as file:
        catalogue = read_po(file, locale=language, abort_invalid=True)
    return {
        message.id if isinstance(message.id, str) else message.id[0]: message for message in catalogue if message.id
    }


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("domain", [PLAIN, HTML, DOCUMENTS])
def test_a_key_has_one_text(language: str, domain: str) -> None:
    """
    Of two texts with one key, or two keys alike, only the last would ever be shown.
    """
    lines = (CATALOGUES / language / "LC_MESSAGES" / f"{domain}.po").read_text(encoding="utf-8").splitlines()
    keys = [line for line in lines if line.startswith("msgid ")]
    assert len(keys) == len(set(keys))
    assert len(keys) == sum(line.startswith(("msgstr ", "msgstr[0] ")) for line in lines)


def _criteria() -> list[Cited]:
    populations = [population for one in PROTOCOLS.values() for population in (one.recipient, one.donor)]
    return [part for population in populations for criterion in population.criteria for part in criterion.family]


def _fields(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


@pytest.mark.parametrize("domain", [PLAIN, HTML, DOCUMENTS])
def test_both_languages_say_the_same_things(domain: str) -> None:
    """
    Each key has a text in both languages, and each reading that a criterion declares in English its translation; none
    is empty or fuzzy, and the same values are put into both.
    """
    english, french = (_messages(language, domain) for language in LANGUAGES)
    declared = {part.reading for part in _criteria() if part.reading} if domain == PLAIN else set()
    assert french.keys() == english.keys() | declared
    for key in declared:
        assert french[key].string, key
        assert not french[key].fuzzy, key
    for key, message in english.items():
        for one in (message, french[key]):
            strings = one.string if isinstance(one.string, tuple) else (one.string,)
            assert all(strings), key
            assert not one.fuzzy, key
        fields = [
            set().union(*map(_fields, one.string if isinstance(one.string, tuple) else (one.string,)))
            for one in (message, french[key])
        ]
        assert fields[0] == fields[1], key


def _literal_keys() -> set[str]:
    """
    Every literal that looks like a key where words are looked up.
    """
    found = set()
    known = {key.partition(".")[0] for domain in (PLAIN, HTML, DOCUMENTS) for key in _messages("en", domain)}
    for path in SOURCES.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                match = re.fullmatch(r"([a-z]+)(\.[a-zA-Z_]+)+", node.value)
                if match and match[1] in known and not node.value.endswith((".py", ".po", ".png", "_")):
                    found.add(node.value)
    return found - {"case.open", "case.stage", "person.join", "person.language", "site.open"}


def _declared_keys() -> set[str]:
    found = {f"menu.{name}" for name in menu()} | {f"reason.{reason}" for reason in REASONS}
    found |= {f"language.{language}" for language in LANGUAGES}
    found |= {f"refused.{problem}" for problem in Problem.__args__}
    found |= {f"refused.{problem}" for problem in EntryProblem.__args__[1].__args__}
    for kind, reasons in DECISION_REASONS.items():
        found |= {f"because.{kind}.{reason}" for reason in reasons} | {f"decide.why.{kind}", f"note.decided.{kind}"}
    found |= {f"decide.step.end.{kind}" for kind in DECISION_REASONS if kind != DecisionKind.QUERY_DISMISSED}
    found |= {f"stage.{stage}" for stage in Stage} | {f"signed.{kind}" for kind in SIGN_OFFS}
    found |= {f"reminder.{kind}" for kind in ReminderKind} | {f"reminder.kind.{kind}" for kind in ReminderKind}
    found |= {"note.link_taken", "note.link_included"}
    found |= {f"note.code_{check}" for check in Check if check is not Check.RIGHT}
    found |= {f"pair.{verdict}" for verdict in Verdict} | {f"verdict.{verdict}" for verdict in Verdict}
    found |= {f"group.{group}{part}" for group in (NEAR, SINGLE, OLDEST) for part in ("", ".short", ".sign")}
    found |= {f"tree.{state}" for state in ("missing", "waiting", "idle")}
    found |= {f"history.decision.{kind}" for kind in DecisionKind} | {f"stage.{stage}" for stage in Stage}
    for protocol in PROTOCOLS.values():
        for population in (protocol.recipient, protocol.donor):
            found |= {f"kind.{population.kind}", f"button.new.{population.kind}"}
            for item in (*population.items, *(linked.item for linked in population.linked)):
                found |= {f"item.{item.key}", f"section.{item.section}"}
                if isinstance(item, Choice | Several):
                    found |= {f"option.{item.key}.{option}" for option in item.options}
            found |= {f"item.{item.key}.question" for item in population.items}
            for criterion in population.criteria:
                for part in criterion.family:
                    found |= {f"criterion.{part.id}", f"criterion.{part.id}.short"}
            found |= {f"query.{query.id}" for query in population.queries}
    return found


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_key_in_use_has_a_text(language: str) -> None:
    """
    Nobody ever meets a missing text.
    """
    known = {key for domain in (PLAIN, HTML, DOCUMENTS) for key in _messages(language, domain)}
    assert (_literal_keys() | _declared_keys()) - known == set()


def test_every_text_of_the_chat_is_in_use() -> None:
    """
    No text stays behind when its screen goes.
    """
    source = "\n".join(path.read_text(encoding="utf-8") for path in SOURCES.rglob("*.py"))
    dynamic = re.compile(
        r"(value|reason|language|menu|refused|button|clause|table|status|verdict|stage|role|signed|notice|because|decide"
        r"|pair|link|visit|reminder|note|group|tree|history|quick|day|ending|typing)\.[a-zA-Z_.]+"
    )
    declared = _declared_keys()
    unused = {
        key for key in _messages("en", HTML) if key not in source and key not in declared and not dynamic.fullmatch(key)
    }
    assert unused == set()


def test_values_are_escaped() -> None:
    """
    What is put into a text cannot bring markup along.
    """
    assert str(words("en")("note.no_case", name="<b>x</b>")) == "There is no case &lt;b&gt;x&lt;/b&gt;."
