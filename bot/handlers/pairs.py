"""
Events about a recipient and the donors: link, unlink, a new donor, the donor chosen.
"""

from bot import taps
from bot.events import Command
from bot.handlers.cases import find, meant, open_case, shows_case
from bot.handlers.decisions import decide
from bot.handlers.routes import command, on
from bot.rules.assessment import Verdict
from bot.rules.protocol import Kind
from bot.screens import present
from bot.screens.pairs import (
    LinkScreen,
    LinkUnrelated,
    LinkUnrelatedScreen,
    PairScreen,
    UnlinkScreen,
    unrelated,
)
from bot.screens.screening import AskScreen
from bot.turn import READERS, SCREENERS, STAFF, Note, RefusedError, Reply, StaleError, Turn
from bot.typed.codes import code_in
from db.base.tables import ENDED, Case, DecisionKind, Stage
from db.cases import cases, decisions, pairs
from db.cases.pairs import NotLinkedError
from db.cases.partners import linked_cases

shows_case("pair", READERS, PairScreen(), rank=110)


@command("link", SCREENERS, rank=120)
async def on_link_command(turn: Turn, command: Command) -> Reply:
    """
    Link the two cases named, in either order; with one, or with none but one in focus, offer what could be linked.
    """
    pair = await _pair(turn, command.argument)
    if pair is None:
        return turn.show(LinkScreen(), await meant(turn, command.argument))
    return await _link(turn, *pair, shown=pair[0])


@command("unlink", SCREENERS, rank=130)
async def on_unlink_command(turn: Turn, command: Command) -> Reply:
    """
    Undo the link of the two cases named; with one, or with none but one in focus, offer the links there are.
    """
    pair = await _pair(turn, command.argument)
    if pair is None:
        return turn.show(UnlinkScreen(), await meant(turn, command.argument))
    return await _unlink(turn, *pair, shown=pair[0])


async def _pair(turn: Turn, text: str) -> tuple[Case, Case] | None:
    """
    The recipient and the donor named, in either order; None where not two are. Raises RefusedError where there is no
    such pair at the person's sites.
    """
    codes = text.split()
    if len(codes) != len(Kind):
        return None
    by_kind: dict[str, Case] = {}
    for one in codes:
        code, case = code_in(one), await find(turn, one)
        if code is not None and case is None:
            raise RefusedError(Note("note.no_case", name=code))
        if case is not None:
            by_kind[case.kind] = case
    if set(by_kind) != set(Kind):
        raise RefusedError(Note("note.which_pair"))
    return by_kind[Kind.RECIPIENT], by_kind[Kind.DONOR]


@on(taps.LinkWith, SCREENERS)
async def on_link(turn: Turn, tap: taps.LinkWith) -> Reply:
    """
    Link the case in focus with another one.
    """
    return await _link(turn, *await _tapped(turn, tap), shown=await turn.focus_on(tap.case))


@on(taps.LinkAllTheSame, SCREENERS)
async def on_link_all_the_same(turn: Turn, tap: taps.LinkAllTheSame) -> Reply:
    """
    Link an unrelated donor, after the warning.
    """
    recipient, donor = await _tapped(turn, tap)
    if not isinstance(await present(turn), LinkUnrelated):
        raise StaleError
    return await _store_link(turn, recipient, donor, shown=await turn.focus_on(tap.case))


@on(taps.Unlink, SCREENERS)
async def on_unlink(turn: Turn, tap: taps.Unlink) -> Reply:
    """
    Undo the link of the case in focus with another one.
    """
    return await _unlink(turn, *await _tapped(turn, tap), shown=await turn.focus_on(tap.case))


async def _tapped(
    turn: Turn, tap: taps.LinkWith | taps.LinkAllTheSame | taps.Unlink | taps.Choose
) -> tuple[Case, Case]:
    """
    The recipient and the donor that a button is about. Raises StaleError.
    """
    case = await turn.focus_on(tap.case)
    partner = await cases.by_id(turn.session, case_id=tap.partner, sites=turn.sites)
    if partner is None or case.kind == partner.kind:
        raise StaleError
    return (partner, case) if case.kind == Kind.DONOR else (case, partner)


async def _link(turn: Turn, recipient: Case, donor: Case, *, shown: Case) -> Reply:
    if not donor.links and await unrelated(turn, donor):
        partner = donor if shown.id == recipient.id else recipient
        return turn.show(LinkUnrelatedScreen(partner.id), shown)
    return await _store_link(turn, recipient, donor, shown=shown)


async def _store_link(turn: Turn, recipient: Case, donor: Case, *, shown: Case) -> Reply:
    note = Note("note.linked", name=f"{recipient.code} + {donor.code}")
    try:
        await pairs.link(turn.session, recipient=recipient, donor=donor, by=turn.actor, now=turn.now)
    except NotLinkedError as error:
        note = Note(f"note.link_{error}", name=donor.code)
    return turn.show(PairScreen(), shown, note)


async def _unlink(turn: Turn, recipient: Case, donor: Case, *, shown: Case) -> Reply:
    try:
        was_linked = await pairs.unlink(turn.session, recipient=recipient, donor=donor, by=turn.actor, now=turn.now)
        note = Note("note.unlinked" if was_linked else "note.not_linked", name=f"{recipient.code} + {donor.code}")
    except NotLinkedError as error:
        note = Note(f"note.link_{error}", name=donor.code)
    return turn.show(PairScreen(), shown, note)


@on(taps.NewDonor, SCREENERS)
async def on_new_donor(turn: Turn, tap: taps.NewDonor) -> Reply:
    """
    Open a donor's case linked with the recipient in focus, and go on with it.
    """
    recipient = await turn.focus_on(tap.case)
    if recipient.kind != Kind.RECIPIENT or recipient.links != tap.links:
        # With one more link than when the button was shown, it was pressed twice: the donor is there already.
        raise StaleError
    if recipient.stage == Stage.INCLUDED:
        raise StaleError
    donor = await open_case(turn, Kind.DONOR, recipient.site_id)
    await pairs.link(turn.session, recipient=recipient, donor=donor, by=turn.actor, now=turn.now)
    return turn.show(AskScreen(), donor, Note("note.linked", name=f"{recipient.code} + {donor.code}"))


@on(taps.Choose, STAFF)
async def on_choose(turn: Turn, tap: taps.Choose) -> Reply:
    """
    Choose one of the donors for the recipient.
    """
    recipient, donor = await _tapped(turn, tap)
    linked = {one.id for one in await linked_cases(turn.session, case=recipient)}
    is_out = donor.verdict == Verdict.NOT_ELIGIBLE or donor.stage in ENDED
    if donor.id not in linked or is_out or recipient.stage == Stage.INCLUDED:
        raise StaleError
    chosen = await decisions.chosen_donor(turn.session, recipient=recipient, donors=[donor])
    if chosen is None:
        subjects = [await turn.record(recipient), await turn.record(donor)]
        await decide(turn, DecisionKind.DONOR_CHOSEN, subjects, about=donor.code)
    return turn.show(PairScreen(), recipient, Note("note.chosen", name=donor.code))
