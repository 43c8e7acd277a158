"""
Events about a recipient and the donors: link, unlink, a new donor, the donor chosen.
"""

from bot import taps
from bot.events import Command
from bot.handlers.cases import find, on_code, open_case
from bot.handlers.routes import command, on
from bot.rules.assessment import Verdict
from bot.rules.protocol import Kind
from bot.screens import present
from bot.turn import READERS, SCREENERS, STAFF, Note, Reply, StaleError, Turn
from bot.typed.codes import code_in
from db.base.tables import ENDED, Case, DecisionKind, Stage
from db.cases import cases, decisions, pairs
from db.cases.pairs import NotLinkedError
from db.cases.partners import linked_cases


@command("pair", READERS, rank=110)
async def on_pair(turn: Turn, command: Command) -> Reply:
    """
    Show the donors of a recipient, or the recipient of a donor: of the case named, or of the one in focus.
    """
    case = await turn.focus()
    if command.argument or case is None:
        return await on_code(turn, command.argument, "pair")
    turn.show("pair", case)
    return Reply(await present(turn), fresh=True, tidy=True)


@command("link", SCREENERS, rank=120)
async def on_link_command(turn: Turn, command: Command) -> Reply:
    """
    Link the two cases named, in either order; with one, or with none but one in focus, offer what could be linked.
    """
    codes = command.argument.split()
    if len(codes) != 2:  # noqa: PLR2004  a pair
        return await _offer(turn, command, "link")
    pair = await _pair(turn, codes)
    if isinstance(pair, Note):
        return Reply(await present(turn), note=pair, fresh=True, tidy=True)
    return await _link(turn, *pair, by_command=True)


@command("unlink", SCREENERS, rank=130)
async def on_unlink_command(turn: Turn, command: Command) -> Reply:
    """
    Undo the link of the two cases named; with one, or with none but one in focus, offer the links there are.
    """
    codes = command.argument.split()
    if len(codes) != 2:  # noqa: PLR2004  a pair
        return await _offer(turn, command, "unlink")
    pair = await _pair(turn, codes)
    if isinstance(pair, Note):
        return Reply(await present(turn), note=pair, fresh=True, tidy=True)
    return await _unlink(turn, *pair, by_command=True)


async def _offer(turn: Turn, command: Command, screen: str) -> Reply:
    case = await turn.focus()
    if command.argument or case is None:
        return await on_code(turn, command.argument, screen)
    turn.show(screen, case)
    return Reply(await present(turn), fresh=True, tidy=True)


async def _pair(turn: Turn, codes: list[str]) -> tuple[Case, Case] | Note:
    """
    The recipient and the donor named, in either order; or what to say where there is no such pair at the person's
    sites.
    """
    by_kind: dict[str, Case] = {}
    for text in codes:
        code, case = code_in(text), await find(turn, text)
        if code is not None and case is None:
            return Note("note.no_case", name=code)
        if case is not None:
            by_kind[case.kind] = case
    if set(by_kind) != set(Kind):
        return Note("note.which_pair")
    return by_kind[Kind.RECIPIENT], by_kind[Kind.DONOR]


@on(taps.Link, SCREENERS)
async def on_link(turn: Turn, tap: taps.Link) -> Reply:
    """
    Link the case in focus with another one.
    """
    return await _link(turn, *await _tapped(turn, tap), by_command=False)


@on(taps.Unlink, SCREENERS)
async def on_unlink(turn: Turn, tap: taps.Unlink) -> Reply:
    """
    Undo the link of the case in focus with another one.
    """
    return await _unlink(turn, *await _tapped(turn, tap), by_command=False)


async def _tapped(turn: Turn, tap: taps.Link | taps.Unlink | taps.Choose) -> tuple[Case, Case]:
    """
    The recipient and the donor that a button is about. Raises StaleError.
    """
    case = await turn.focus(tap.case)
    partner = await cases.by_id(turn.session, case_id=tap.partner, sites=turn.sites)
    if case is None or partner is None or case.kind == partner.kind:
        raise StaleError
    return (partner, case) if case.kind == Kind.DONOR else (case, partner)


async def _link(turn: Turn, recipient: Case, donor: Case, *, by_command: bool) -> Reply:
    note = Note("note.linked", name=f"{recipient.code} + {donor.code}")
    try:
        await pairs.link(
            turn.session,
            recipient=recipient,
            donor=donor,
            person_id=turn.member.person.id,
            by=turn.actor,
            now=turn.now,
        )
    except NotLinkedError as error:
        note = Note(f"note.link_{error}", name=donor.code)
    return await _shown(turn, recipient, donor, note, by_command=by_command)


async def _unlink(turn: Turn, recipient: Case, donor: Case, *, by_command: bool) -> Reply:
    pair = f"{recipient.code} + {donor.code}"
    try:
        was_linked = await pairs.unlink(
            turn.session,
            recipient=recipient,
            donor=donor,
            person_id=turn.member.person.id,
            by=turn.actor,
            now=turn.now,
        )
        note = Note("note.unlinked" if was_linked else "note.not_linked", name=pair)
    except NotLinkedError as error:
        note = Note(f"note.link_{error}", name=donor.code)
    return await _shown(turn, recipient, donor, note, by_command=by_command)


async def _shown(turn: Turn, recipient: Case, donor: Case, note: Note, *, by_command: bool) -> Reply:
    """
    The screen of the recipient's donors; of the donor whose own screen the button was on.
    """
    turn.show("pair", donor if turn.chat.case_id == donor.id and not by_command else recipient)
    return Reply(await present(turn), note=note, fresh=by_command, tidy=by_command)


@on(taps.NewDonor, SCREENERS)
async def on_new_donor(turn: Turn, tap: taps.NewDonor) -> Reply:
    """
    Open a donor's case linked with the recipient in focus, and go on with it.
    """
    recipient = await turn.focus(tap.case)
    if recipient is None or recipient.kind != Kind.RECIPIENT or recipient.links != tap.links:
        # With one more link than when the button was shown, it was pressed twice: the donor is there already.
        raise StaleError
    if recipient.stage == Stage.INCLUDED:
        raise StaleError
    donor = await open_case(turn, Kind.DONOR, recipient.site_id)
    await pairs.link(
        turn.session,
        recipient=recipient,
        donor=donor,
        person_id=turn.member.person.id,
        by=turn.actor,
        now=turn.now,
    )
    turn.show("ask", donor)
    return Reply(await present(turn), note=Note("note.linked", name=f"{recipient.code} + {donor.code}"))


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
        await decisions.decide(
            turn.session,
            kind=DecisionKind.DONOR_CHOSEN,
            subjects=subjects,
            by=turn.actor,
            now=turn.now,
            about=donor.code,
        )
    turn.show("pair", recipient)
    return Reply(await present(turn), note=Note("note.chosen", name=donor.code))
