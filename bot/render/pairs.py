"""
Screens about a recipient and the donors.
"""

from bot import taps
from bot.render.buttons import in_rows, to
from bot.render.card import STATUS_SIGNS, VERDICT_SIGNS, Button, Card, Rows, button, fit
from bot.render.cases import case_line
from bot.render.phrases import few, label, short
from bot.render.renderers import renders
from bot.rules.assessment import Verdict
from bot.rules.criteria import Status
from bot.rules.protocol import Kind
from bot.screens.pairs import (
    ChoosePartner,
    ChooseUnlink,
    DonorOf,
    Donors,
    LinkScreen,
    LinkUnrelated,
    PairScreen,
    UnlinkScreen,
    relationship_of,
)
from bot.screens.signing import SignScreen
from bot.screens.summary import SummaryScreen
from bot.texts import Words
from db.base.tables import ENDED, Case, Stage
from db.cases.records import Record

_NAMED = 3


@renders(Donors)
def donors(view: Donors, words: Words) -> Card:
    lines: list[str] = [
        words("pair.title", code=view.recipient.case.code),
        words("pair.recipient", sign=_sign(view.recipient), lacks=_lacks(view.recipient, words)),
        "",
    ]
    for place, donor in enumerate(view.donors, start=1):
        lines += _donor(view, place, donor, words)
    if not view.donors:
        lines.append(words("pair.none"))
    elif first := _first(view, words):
        lines += ["", first]
    return Card(fit(lines), _donor_rows(view, words))


def _donor(view: Donors, place: int, donor: Record, words: Words) -> list[str]:
    relationship = relationship_of(donor)
    named = words(f"option.relationship.{relationship}") if relationship else words("pair.relationship_unknown")
    is_chosen = donor.case.id == view.chosen
    return [
        words(
            "pair.donor_chosen" if is_chosen else "pair.donor",
            place=place,
            sign=_sign(donor),
            code=donor.case.code,
            relationship=named,
        ),
        words("pair.donor_lacks", lacks=_lacks(donor, words)),
        *_standing(donor, words),
        words(
            "pair.verdict",
            sign=VERDICT_SIGNS[view.verdict_with(donor)],
            verdict=words(f"pair.{view.verdict_with(donor)}"),
        ),
    ]


def _standing(donor: Record, words: Words) -> list[str]:
    """
    The stage of a donor who is no longer in screening, and the queries that their answers raise.
    """
    lines: list[str] = []
    if donor.case.stage != Stage.SCREENING:
        lines.append(words("pair.donor_lacks", lacks=words(f"stage.{donor.case.stage}")))
    lines += [words("pair.query", id=one, text=words(f"query.{one}")) for one in donor.assessment.queries]
    return lines


def _first(view: Donors, words: Words) -> str | None:
    """
    Which donor would make the pair eligible first; nothing while the recipient or every donor is out of the question.
    """
    best = view.donors[0]
    verdict = view.verdict_with(best)
    if verdict is Verdict.NOT_ELIGIBLE:
        return words("pair.hopeless")
    if verdict is Verdict.ELIGIBLE:
        return words("pair.first_now", code=best.case.code)
    number = len(best.assessment.missing) + len(view.recipient.assessment.missing)
    return words.count("pair.first", number, code=best.case.code)


def _sign(record: Record) -> str:
    return VERDICT_SIGNS[record.assessment.verdict]


def _lacks(record: Record, words: Words) -> str:
    """
    What fails or is missing, in brief.
    """
    assessment = record.assessment
    failing = assessment.ids(record.population, Status.FAIL)
    if failing:
        sign = f"{STATUS_SIGNS[Status.FAIL]} "
        shown = [sign + words("pair.failing", id=id_, name=short(id_, words)) for id_ in failing]
        return words.joined(few(shown, _NAMED, words))
    if assessment.missing:
        names = [label(record, key, words) for key in assessment.missing]
        return words("pair.missing", items=words.joined(few(names, _NAMED, words)))
    return words("pair.nothing")


def _donor_rows(view: Donors, words: Words) -> Rows:
    case = view.recipient.case
    rows: list[tuple[Button, ...]] = []
    for donor in view.donors:
        row = [button(donor.case.code, taps.OpenCase(donor.case.id))]
        is_out = donor.assessment.verdict is Verdict.NOT_ELIGIBLE or donor.case.stage in ENDED
        may_be_chosen = not is_out and case.stage != Stage.INCLUDED
        if view.may_choose and may_be_chosen and donor.case.id != view.chosen:
            row.append(button(words("button.choose", code=donor.case.code), taps.Choose(case.id, donor.case.id)))
        rows.append(tuple(row))
    chosen = next((one.case for one in view.donors if one.case.id == view.chosen), None)
    if view.may_sign and chosen is not None:
        lacking = case if case.sign_off is None else chosen
        key = "button.sign_pair" if chosen.sign_off is None and lacking is case else "button.sign_other"
        rows.append((button(words(key, code=lacking.code), taps.OpenCase(lacking.id, SignScreen())),))
    if view.may_screen and case.stage != Stage.INCLUDED:
        change = [
            button(words("button.new.donor"), taps.NewDonor(case.id, case.links)),
            to(words, LinkScreen(), case),
        ]
        if view.donors:
            change.append(to(words, UnlinkScreen(), case))
        rows.append(tuple(change))
    return (*rows, (to(words, SummaryScreen(), case),))


@renders(DonorOf)
def donor_of(view: DonorOf, words: Words) -> Card:
    case = view.donor.case
    lines: list[str] = [
        words("pair.of_donor", code=case.code),
        words("pair.recipient_line", line=case_line(view.recipient, words))
        if view.recipient is not None
        else words("pair.no_recipient"),
    ]
    rows: list[tuple[Button, ...]] = []
    if view.recipient is not None:
        rows.append((button(view.recipient.code, taps.OpenCase(view.recipient.id)),))
    if view.may_screen and case.stage != Stage.INCLUDED:
        rows.append((to(words, LinkScreen() if view.recipient is None else UnlinkScreen(), case),))
    return Card(fit(lines), (*rows, (to(words, SummaryScreen(), case),)))


@renders(ChoosePartner)
def choose_partner(view: ChoosePartner, words: Words) -> Card:
    case = view.record.case
    wanted = "recipient" if case.kind == Kind.DONOR else "donor"
    title = words(f"link.{wanted}" if view.cases else f"link.no_{wanted}", code=case.code)
    offered = [case_line(one, words) for one in view.cases]
    lines = [title, *(["", *offered] if offered else []), "", words("link.by_command", code=case.code)]
    buttons = [button(one.code, taps.LinkWith(case.id, one.id)) for one in view.cases]
    return Card(fit(lines), (*in_rows(buttons, 3), (_return(case, words),)))


@renders(LinkUnrelated)
def link_unrelated(view: LinkUnrelated, words: Words) -> Card:
    """
    Link a donor with whom the pair cannot be eligible?
    """
    case = view.record.case
    lines = [words("question.code", code=case.code), "", words("link.unrelated", donor=view.donor, id=view.criterion)]
    confirm = button(words("button.link_all_the_same"), taps.LinkAllTheSame(case.id, view.partner.id))
    return Card(fit(lines), ((confirm,), (_return(case, words),)))


@renders(ChooseUnlink)
def choose_unlink(view: ChooseUnlink, words: Words) -> Card:
    case = view.record.case
    lines = [words("unlink.title", code=case.code), "", *(case_line(one, words) for one in view.cases)]
    buttons = [button(words("button.unlink_one", code=one.code), taps.Unlink(case.id, one.id)) for one in view.cases]
    return Card(fit(lines), (*((one,) for one in buttons), (_return(case, words),)))


def _return(case: Case, words: Words) -> Button:
    return to(words, PairScreen(), case, "button.return")
