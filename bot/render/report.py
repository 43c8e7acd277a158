"""
The report on a case: one HTML document that needs nothing else, for a phone and for paper.

Everything goes through Markup.format, which escapes whatever is not markup already: nothing typed can break it.
"""

from collections.abc import Iterable
from datetime import date

from markupsafe import Markup

from bot.render import signatures
from bot.render.card import STATUS_SIGNS, VERDICT_SIGNS, Card, File
from bot.render.examinations import with_day
from bot.render.history import deviation, named, why
from bot.render.limits import finding
from bot.render.phrases import clause, item_line, label, query_line, recheck, short, valued
from bot.render.reasoning import state_of, status_of
from bot.render.reasons import reason
from bot.render.renderers import renders
from bot.render.scores import in_full
from bot.render.values import detailed
from bot.render.visits import STATE_SIGNS, about
from bot.rules import file_form
from bot.rules.assessment import Verdict
from bot.rules.criteria import Criterion, Part, Status
from bot.rules.explain import Reason, reasons
from bot.rules.expressions import items_of
from bot.rules.items import Item
from bot.screens.report import Report
from bot.texts import Words
from db.base.tables import Answer, Decision, DecisionKind
from db.cases.decisions import DEATH
from db.cases.given import Examined
from db.cases.records import Record

_PAGE = Markup(
    """<!DOCTYPE html>
<html lang="{language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>{code}</title>
<style>
body {{ font: 16px/1.45 system-ui, sans-serif; margin: 0 auto; padding: 1em; max-width: 50em }}
body {{ color: #111; background: #fff }}
h1 {{ font-size: 1.4em; margin: 0 }}
h2 {{ font-size: 1.1em; margin: 1.6em 0 .4em; border-bottom: 1px solid #999 }}
.verdict {{ font-size: 1.15em; font-weight: bold; margin: .6em 0 }}
.note {{ border: 1px solid #999; padding: .5em .8em; margin: 1em 0 }}
.one {{ padding: .45em 0; border-bottom: 1px solid #ddd; break-inside: avoid }}
.part {{ margin-left: 1.2em }}
.less {{ color: #555; font-size: .88em }}
ul {{ margin: .2em 0; padding-left: 1.2em }}
@page {{ size: A4; margin: 16mm 15mm 20mm }}
@page {{ @bottom-left {{ content: "{code} · {made}"; font: 8.5pt sans-serif; color: #555 }} }}
@page {{ @bottom-right {{ content: counter(page) " / " counter(pages); font: 8.5pt sans-serif; color: #555 }} }}
@media print {{ body {{ font-size: 10.5pt; max-width: none; padding: 0 }} }}
</style>
</head>
<body>
{body}
</body>
</html>
"""
)
_NOTHING = Markup()


@renders(Report)
def report(view: Report, words: Words) -> Card:
    record = view.record
    body = Markup("\n").join(
        [
            _head(view, words),
            *_section("report.criteria", _criteria(view, words), words),
            *_section("report.missing", _missing(view, words), words),
            *_section("report.queries", _queries(view, words), words),
            *_section("report.answers", _answers(view, words), words),
            *_section("report.partners", _partners(view, words), words),
            *_section("report.decisions", _decisions(view, words), words),
            *_section("report.visits", _visits(view, words), words),
        ]
    )
    page = _PAGE.format(language=words.language, code=record.case.code, made=_made(view, words), body=body)
    file = File(f"{record.case.code}.html", page.encode())
    return Card(words("report.caption", code=record.case.code, day=words.day(record.as_of)), file=file)


def _made(view: Report, words: Words) -> Markup:
    time = words.zoned(view.record.local(view.made_at))
    return words("paper.line", name=words("origin.made"), value=time)


def _section(title: str, lines: Iterable[Markup], words: Words) -> list[Markup]:
    found = list(lines)
    return [Markup("<h2>{}</h2>").format(words(title)), *found] if found else []


def _head(view: Report, words: Words) -> Markup:
    record, assessment = view.record, view.record.assessment
    lines = [
        _made(view, words),
        words("report.as_of", day=words.day(record.as_of)),
        words("report.protocol", version=record.case.protocol),
        words("report.stage", stage=words(f"stage.{record.case.stage}")),
    ]
    if view.signed is not None:
        lines += signatures.lines(view.signed, record, words)
    if assessment.recheck_on:
        lines.append(recheck(assessment.recheck_on, record, words))
    if record.old:
        lines.append(words("report.old"))
    return Markup(
        '<h1>{code} · {kind}</h1>\n<p class="verdict">{sign} {verdict}</p>\n<p>{lines}</p>\n<p class="note">{note}</p>'
    ).format(
        code=record.case.code,
        kind=words(f"kind.{record.case.kind}"),
        sign=VERDICT_SIGNS[assessment.verdict],
        verdict=words(f"verdict.{assessment.verdict}"),
        lines=Markup("<br>\n").join(lines),
        note=words("report.note"),
    )


def _criteria(view: Report, words: Words) -> Iterable[Markup]:
    for criterion in view.record.population.criteria:
        for part in criterion.family:
            yield _criterion(view, criterion, part, words)


def _criterion(view: Report, criterion: Criterion, part: Criterion | Part, words: Words) -> Markup:
    record = view.record
    status = status_of(part, criterion, record)
    less: list[Markup] = []
    found = reasons(part.expression, record.facts, record.as_of)
    if found:
        tell = finding if status is Status.FAIL else _value
        told = [tell(one, record, words) for one in found]
        less.append(words.joined(dict.fromkeys(told)))
    if status is Status.UNKNOWN and (wanted := _wanted(view, part, words)):
        less.append(words("report.open", items=words.joined(wanted)))
    if reading := words.reading(part):
        less.append(words("why.reading", reading=reading))
    return Markup('<div class="{css}">{told} <span class="less">({clause})</span><br>\n{wording}{less}</div>').format(
        css="one" if part is criterion else "one part",
        told=words(
            "report.status",
            sign=STATUS_SIGNS[status],
            id=part.id,
            name=short(part.id, words),
            status=words(f"status.{status}"),
        ),
        clause=clause(part, criterion, record.population, words),
        wording=words(f"criterion.{part.id}"),
        less=_NOTHING.join(Markup('<div class="less">{}</div>').format(line) for line in less),
    )


def _value(one: Reason, record: Record, words: Words) -> Markup:
    """
    What decided where nothing else was needed: the value alone.
    """
    return valued(record, items_of(one.leaf)[0], words)


def _wanted(view: Report, part: Criterion | Part, words: Words) -> list[Markup]:
    """
    The missing items that a criterion looks at.
    """
    population, assessment = view.record.population, view.record.assessment
    return [
        words.label(population.item[key], population.kind)
        for key in assessment.missing
        if part.id in population.uses[key]
    ]


def _missing(view: Report, words: Words) -> Iterable[Markup]:
    record = view.record
    for key in record.assessment.missing:
        item = label(record, key, words)
        if key in record.assessment.awaited:
            day = words.day(record.local_day(record.current[key].at))
            yield Markup("<div>⏳ {}</div>").format(words("report.awaited", item=item, day=day))
        else:
            yield Markup("<div>○ {}</div>").format(item)


def _queries(view: Report, words: Words) -> Iterable[Markup]:
    for query in view.record.assessment.queries:
        line = query_line(query, words)
        if query not in view.queries:
            line = _dismissed(view, query, line, words)
        yield Markup("<div>{}</div>").format(line)


def _dismissed(view: Report, query: str, line: Markup, words: Words) -> Markup:
    """
    A query whose answers stand, by whose word, since when and why.
    """
    told = ((one, name) for one, name in view.decided if (one.kind, one.about) == (DecisionKind.QUERY_DISMISSED, query))
    if (found := next(told, None)) is None:
        return line
    decision, name = found
    return words(
        "report.dismissed",
        query=line,
        person=name or "",
        time=words.moment(view.record.local(decision.at)),
        reason=reason(decision.reason or "", words, decision.kind),
    )


def _answers(view: Report, words: Words) -> Iterable[Markup]:
    record = view.record
    for item in record.population.items:
        history = [(answer, name) for answer, name in view.given if answer.item == item.key]
        is_known = item.key in record.borrowed or history
        value = detailed(record, item, words) if is_known else words(f"tree.{state_of(item, record)}")
        if item.key in record.assessment.set_aside:
            value = words("report.set_aside", value=value)
        given = [_given(view, item, answer, name, words) for answer, name in reversed(history)]
        told = item_line(record, item, Markup("<b>{}</b>").format(value), words)
        yield Markup('<div class="one">{}{}</div>').format(told, _listed(given))


def _listed(lines: list[Markup]) -> Markup:
    if not lines:
        return _NOTHING
    return Markup('<ul class="less">{}</ul>').format(_NOTHING.join(Markup("<li>{}</li>").format(one) for one in lines))


def _given(view: Report, item: Item, answer: Answer, name: str, words: Words) -> Markup:
    shown = in_full(item, None if answer.value is None else file_form.loads(answer.value), words)
    said = Examined(answer.examined_on, answer.examined_by, answer.examined_words)
    line = words(
        "report.given",
        value=with_day(shown, said, words),
        person=name,
        time=words.moment(view.record.local(answer.at)),
    )
    return words("history.because", what=line, reason=reason(answer.reason, words)) if answer.reason else line


def _partners(view: Report, words: Words) -> Iterable[Markup]:
    for case in view.partners:
        sign, kind = VERDICT_SIGNS[Verdict(case.verdict)], words(f"kind.{case.kind}")
        yield Markup("<div>{}</div>").format(words("summary.partner", sign=sign, code=case.code, kind=kind))


def _visits(view: Report, words: Words) -> Iterable[Markup]:
    record = view.record
    for one in view.visits:
        visit, state = one.visit, one.state(record)
        named = words(f"status.visit.{state}")
        line = words("visits.line", sign=STATE_SIGNS[state], month=visit.month, day=words.day(visit.day), state=named)
        window = words("visits.window", opens=words.day(visit.opens), closes=words.day(visit.closes))
        yield Markup('<div class="one">{}{}</div>').format(line, _listed([window, *about(one, words)]))


def _decisions(view: Report, words: Words) -> Iterable[Markup]:
    for decision, name in view.decided:
        yield Markup('<div class="one">{}</div>').format(_decision(view, decision, name, words))


def _decision(view: Report, decision: Decision, name: str | None, words: Words) -> Markup:
    name_of = named(decision)
    what = words.find(f"history.decision.{name_of}") or words("history.other", action=decision.kind, old="", new="")
    if decision.about and name_of != DEATH:
        about = decision.about
        if decision.kind == DecisionKind.INFUSED:
            about = words.day(date.fromisoformat(about))
        what = words("history.named", what=what, more=about)
    if decision.day is not None:
        what = words("history.on_day", what=what, day=words.day(decision.day))
    line = words(
        "report.given",
        value=what,
        person=name or words("paper.program"),
        time=words.moment(view.record.local(decision.at)),
    )
    if said := why(decision):
        line = words("history.because", what=line, reason=reason(said, words, decision.kind))
    if decision.deviation:
        told = words("deviation.told", what=deviation(decision.deviation.split(), words))
        line = Markup("<br>\n").join([line, told])
    return line
