"""
Screens in which somebody signs.
"""

from markupsafe import Markup

from bot import taps
from bot.render.buttons import to
from bot.render.card import STATUS_SIGNS, Button, Card, Rows, button, fit
from bot.render.decisions import back
from bot.render.phrases import heading, label, query_line, short, valued, verdict_line
from bot.render.renderers import renders
from bot.render.signatures import dismissed
from bot.rules.criteria import Status
from bot.screens.authenticator import AuthenticatorScreen
from bot.screens.decisions import DismissScreen
from bot.screens.signing import ChooseCriterion, Sign
from bot.texts import Words
from db.cases.records import Record


@renders(Sign)
def sign(view: Sign, words: Words) -> Card:
    first = view.subjects[0]
    title = "sign.title_pair" if len(view.subjects) > 1 else "sign.title"
    title = "sign.title_not_yet" if view.unknown else title
    lines: list[str] = [words(title, meaning=words(f"signed.{view.kind}"))]
    if view.about is not None:
        lines.append(words("sign.reason", id=view.about, name=short(view.about, words)))
    if view.day is not None:
        lines.append(words("sign.found_on", day=words.day(view.day)))
    for record in view.subjects:
        lines += ["", *_signed_case(view, record, words)]
    lines += ["", *_to_do(view, words)]
    return Card(fit(lines), (*_sign_rows(view, words), back(first, words)))


def _signed_case(view: Sign, record: Record, words: Words) -> list[str]:
    case = record.case
    lines: list[str] = [
        heading(record, words),
        verdict_line(record.assessment.verdict, words),
        words("sign.rules", version=case.protocol, rules=record.population.fingerprint[:8], revision=case.revision),
    ]
    lines += _values(record, words)
    lines += [query_line(one, words) for one in view.queries[case.id]]
    lines += [dismissed(one, record.local, words) for one in view.dismissed[case.id]]
    return lines


def _values(record: Record, words: Words) -> list[str]:
    """
    Every value, a line for each section.
    """
    by_section: dict[str, list[Markup]] = {}
    for item in record.population.items:
        if item.key in record.facts or item.key in record.awaited:
            by_section.setdefault(item.section, []).append(valued(record, item, words))
    return [
        words("sign.section", name=words(f"section.{name}"), values=Markup(" · ").join(values))
        for name, values in by_section.items()
    ]


def _to_do(view: Sign, words: Words) -> list[Markup]:
    """
    What stands in the way; or what to type.
    """
    lines = []
    for record in view.unknown:
        keys = record.assessment.missing
        names = [label(record, key, words) for key in keys]
        lines.append(words("sign.unknown", code=record.case.code, items=words.joined(names)))
    if any(view.queries.values()):
        lines.append(words("sign.queries"))
    if lines:
        return lines
    if view.locked_until is not None:
        return [words("sign.locked", time=f"{view.subjects[0].local(view.locked_until):%H:%M}")]
    return [words("sign.type_code" if view.is_enrolled else "sign.not_enrolled")]


def _sign_rows(view: Sign, words: Words) -> Rows:
    first, *others = view.subjects
    rows: list[tuple[Button, ...]] = [
        (to(words, DismissScreen(query), first.case, id=query),) for query in view.queries[first.case.id]
    ]
    rows += [
        (button(words("button.return_to", code=one.case.code), taps.OpenCase(one.case.id)),)
        for one in others
        if view.queries[one.case.id] or one in view.unknown
    ]
    if not view.is_enrolled:
        rows.append((to(words, AuthenticatorScreen()),))
    return tuple(rows)


@renders(ChooseCriterion)
def choose_criterion(view: ChooseCriterion, words: Words) -> Card:
    record = view.record
    failing = record.assessment.ids(record.population, Status.FAIL)
    rows = tuple(
        (to(words, view.screen.about(one), record.case, "pair.failing", id=one, name=short(one, words)),)
        for one in failing
    )
    lines = [words("decide.title", code=record.case.code), "", words("failure.question")]
    lines += [
        words("summary.worded", sign=STATUS_SIGNS[Status.FAIL], id=id_, wording=words(f"criterion.{id_}"))
        for id_ in failing
    ]
    return Card(fit(lines), (*rows, back(record, words)))
