"""
Screens in which somebody decides.
"""

import io

import segno
from markupsafe import Markup

from bot import taps
from bot.render.card import STATUS_SIGNS, VERDICT_SIGNS, Button, Card, File, button, fit
from bot.render.summaries import signature
from bot.rules.protocol import Status
from bot.texts import Words
from bot.views.decisions import (
    REASONS,
    AuthenticatorState,
    Choices,
    ChooseCriterion,
    ChooseQuery,
    Enrol,
    Include,
    Sign,
    WhyDecide,
)
from db.base.tables import Case, DecisionKind
from db.cases.records import Record


def choices(view: Choices, words: Words) -> Card:
    """
    What can be decided now.
    """
    record = view.record
    lines: list[str] = [
        words("decide.title", code=record.case.code),
        words("summary.stage", stage=words(f"stage.{record.case.stage}")),
        _verdict(record, words),
    ]
    if view.signed is not None:
        lines.append(signature(view.signed, record, words))
    if view.partner is not None:
        lines.append(words("decide.chosen", code=view.partner.code))
    rows = tuple((button(words(f"decide.step.{step.replace(':', '.')}"), _go(record, step)),) for step in view.steps)
    return Card(fit(lines), (*rows, (button(words("button.summary"), _go(record, "summary")),)))


def _verdict(record: Record, words: Words) -> Markup:
    verdict = record.assessment.verdict
    return words("verdict.line", sign=VERDICT_SIGNS[verdict], verdict=words(f"verdict.{verdict}"))


def _go(record: Record, screen: str) -> taps.Go:
    return taps.Go(record.case.id, screen)


def _back(record: Record, words: Words) -> tuple[Button, ...]:
    return (button(words("button.return"), _go(record, "decide")),)


def sign(view: Sign, words: Words) -> Card:
    """
    What is being signed, and what stands in the way or the code that signs it.
    """
    first = view.subjects[0]
    title = "sign.title_pair" if len(view.subjects) > 1 else "sign.title"
    title = "sign.title_not_yet" if view.unknown else title
    lines: list[str] = [words(title, meaning=words(f"signed.{view.kind}"))]
    if view.about is not None:
        lines.append(words("sign.reason", id=view.about, name=words(f"criterion.{view.about}.short")))
    for record in view.subjects:
        lines += ["", *_signed_case(view, record, words)]
    lines += ["", *_to_do(view, words)]
    return Card(fit(lines), (*_sign_rows(view, words), _back(first, words)))


def _signed_case(view: Sign, record: Record, words: Words) -> list[str]:
    case = record.case
    lines: list[str] = [
        words("summary.heading", code=case.code, kind=words(f"kind.{case.kind}"), day=words.day(record.as_of)),
        _verdict(record, words),
        words("sign.rules", version=case.protocol, rules=record.population.fingerprint[:8], revision=case.revision),
    ]
    lines += _values(record, words)
    lines += [words("summary.query", id=one, text=words(f"query.{one}")) for one in view.queries[case.id]]
    return lines


def _values(record: Record, words: Words) -> list[str]:
    """
    Every value, a line for each section.
    """
    by_section: dict[str, list[Markup]] = {}
    for item in record.population.items:
        if item.key in record.facts or item.key in record.awaited:
            label = words.label(item, record.population.kind)
            shown = words("finding.value", item=label, value=words.value(item, record.raw(item.key)))
            by_section.setdefault(item.section, []).append(shown)
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
        names = [words.label(record.population.item[key], record.population.kind) for key in keys]
        lines.append(words("sign.unknown", code=record.case.code, items=words.joined(names)))
    if any(view.queries.values()):
        lines.append(words("sign.queries"))
    if lines:
        return lines
    if view.locked_until is not None:
        return [words("sign.locked", time=f"{view.subjects[0].local(view.locked_until):%H:%M}")]
    return [words("sign.type_code" if view.is_enrolled else "sign.not_enrolled")]


def _sign_rows(view: Sign, words: Words) -> tuple[tuple[Button, ...], ...]:
    first, *others = view.subjects
    rows: list[tuple[Button, ...]] = [
        (button(words("button.dismiss", id=query), _go(first, f"dismiss:{query}")),)
        for query in view.queries[first.case.id]
    ]
    rows += [
        (button(words("button.return_to", code=one.case.code), taps.Open(one.case.id)),)
        for one in others
        if view.queries[one.case.id] or one in view.unknown
    ]
    if not view.is_enrolled:
        rows.append((button(words("button.authenticator"), taps.Menu("authenticator")),))
    return tuple(rows)


def choose_criterion(view: ChooseCriterion, words: Words) -> Card:
    """
    The primary reason of the screen failure.
    """
    record = view.record
    failing = record.assessment.ids(record.population, Status.FAIL)
    rows = tuple(
        (button(words("pair.failing", id=id_, name=words(f"criterion.{id_}.short")), _go(record, f"failure:{id_}")),)
        for id_ in failing
    )
    lines = [words("decide.title", code=record.case.code), "", words("failure.question")]
    lines += [
        words("changed.criterion_fails", sign=STATUS_SIGNS[Status.FAIL], id=id_, wording=words(f"criterion.{id_}"))
        for id_ in failing
    ]
    return Card(fit(lines), (*rows, _back(record, words)))


def choose_query(view: ChooseQuery, words: Words) -> Card:
    """
    The open queries.
    """
    record = view.record
    lines = [words("decide.title", code=record.case.code), "", words("summary.queries_title")]
    lines += [words("summary.query", id=one, text=words(f"query.{one}")) for one in view.queries]
    rows = tuple((button(words("button.dismiss", id=one), _go(record, f"dismiss:{one}")),) for one in view.queries)
    return Card(fit(lines), (*rows, _back(record, words)))


def why_decide(view: WhyDecide, words: Words) -> Card:
    """
    The reason: a button, or typed.
    """
    record, case = view.record, view.record.case
    lines = [words("decide.title", code=case.code), "", words(f"decide.why.{view.kind}")]
    if view.partner is not None:
        lines.append(words("decide.partner_too", code=view.partner.code))
    if view.about is not None:
        lines.append(words("summary.query", id=view.about, text=words(f"query.{view.about}")))
    lines += ["", words("decide.typed_reason")]
    rows = tuple(
        (
            button(
                words(f"because.{view.kind}.{reason}"),
                taps.Decide(case.id, case.revision, view.kind, view.about or "-", reason),
            ),
        )
        for reason in REASONS[view.kind]
    )
    return Card(fit(lines), (*rows, _back(record, words)))


def include(view: Include, words: Words) -> Card:
    """
    The pair that is about to be included.
    """
    case, study, today = view.recipient.case, view.study, view.recipient.as_of
    pair = (view.recipient, view.donor)
    lines = [
        words("include.title", recipient=case.code, donor=view.donor.case.code),
        *(words("include.verdict", code=one.case.code, verdict=_verdict(one, words)) for one in pair),
        words(
            "include.counted",
            recipients=view.counted[0],
            recipients_wanted=study.recipients,
            donors=view.counted[1],
            donors_wanted=study.donors,
        ),
    ]
    if view.counted[0] >= study.recipients or view.counted[1] >= study.donors:
        lines.append(words("include.target_reached"))
    if not study.is_open(today):
        lines.append(words("include.outside", starts=words.day(study.starts), ends=words.day(study.last_day)))
    include_them = taps.Decide(case.id, case.revision, DecisionKind.INCLUDED, view.donor.case.code, "-")
    press = button(words("button.include"), include_them)
    return Card(fit(lines), ((press,), _back(view.recipient, words)))


def enrol(view: Enrol, words: Words) -> Card:
    """
    The secret as a QR code, and as text for who reads this on the phone that has the app.
    """
    picture = io.BytesIO()
    segno.make(view.uri).save(picture, kind="png", scale=6, border=4)
    lines = [
        words("authenticator.scan"),
        words("authenticator.secret", secret=view.secret),
        "",
        words("authenticator.confirm"),
    ]
    rows = ((_home_or(view.case, words),),)
    return Card(fit(lines), rows, File("authenticator.png", picture.getvalue(), is_picture=True))


def authenticator_state(view: AuthenticatorState, words: Words) -> Card:
    """
    Whether there is an app, and how to get one.
    """
    rows: list[tuple[Button, ...]] = []
    if not view.is_ready:
        rows.append((button(words("button.enrol"), taps.Enrol()),))
    back = _home_or(view.case, words)
    return Card(words("authenticator.ready" if view.is_ready else "authenticator.none"), (*rows, (back,)))


def _home_or(case: Case | None, words: Words) -> Button:
    if case is None:
        return button(words("button.home"), taps.Menu("home"))
    return button(words("button.return_to", code=case.code), taps.Go(case.id, "decide"))
