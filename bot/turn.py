"""
A turn: one thing that happened in a chat, what its handler may use to answer it, and what it then says.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from msgspec import field
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.coded import Screen
from bot.rules.frozen import Frozen
from bot.rules.items import Item, Quantity
from bot.study import Study
from bot.typed import drafts
from bot.typed.drafts import Kept
from bot.typed.pending import Pending
from db.base.tables import ENDED, Case, Chat, PersonRole
from db.cases import cases, records
from db.cases.records import Record
from db.follow_up.due import Timing
from db.people.access import Member
from db.trail.audit import Actor

READERS = frozenset(PersonRole)
SCREENERS = frozenset({PersonRole.COORDINATOR})
DECIDERS = frozenset({PersonRole.INVESTIGATOR})
STAFF = SCREENERS | DECIDERS
ADMINISTRATORS = frozenset({PersonRole.ADMINISTRATOR})
_CLOSEST_FIRST = (
    PersonRole.COORDINATOR,
    PersonRole.INVESTIGATOR,
    PersonRole.ADMINISTRATOR,
    PersonRole.MONITOR,
)


class Deployment(Frozen):
    """
    How the bot is set up here: its own name on Telegram, the study's targets, inclusion period and visit windows, when
    people are reminded, the commands that it offers with the roles of which each needs one, and the file of anchors.
    """

    bot_name: str
    study: Study
    timing: Timing
    commands: Mapping[str, frozenset[PersonRole]] = field(default_factory=dict)
    anchor_file: Path | None = None


class StaleError(Exception):
    """
    A button or a text is about something that is no longer so. It changes nothing.
    """


class RefusedError(Exception):
    """
    What somebody asks for cannot be. `note` says why, above the screen that stands or another one.
    """

    def __init__(self, note: "Note", screen: "Screen | None" = None) -> None:
        super().__init__(note.key)
        self.note = note
        self.screen = screen


class Note(Frozen):
    """
    One line above the card: a catalogue key and what it speaks of; an item of a kind of case with its answer in file
    form and the limit that lies within it, or something else by name, a day, a number of things.
    """

    key: str
    item: Item | None = None
    kind: str = ""
    raw: object = None
    name: str = ""
    day: date | None = None
    limit: Quantity | None = None
    number: int | None = None


class View(Frozen):
    """
    What every view is.
    """

    @property
    def asks(self) -> str | None:
        """
        What typed text would answer here, if anything: text that was sent for something else is not taken for it.
        """
        return None


class Wanted(Frozen):
    """
    A document that somebody wants: its kind, the code of the case that it is about, if any, the sites of which it may
    tell (None: all), and who it is.
    """

    kind: str
    code: str | None
    sites: frozenset[int] | None
    by: Actor


class NotTaken(Frozen):
    """
    A list of values for a case of which nothing is to be stored.
    """

    record: Record
    pending: Pending


class Reply(Frozen):
    """
    What a handler has to say above the chat's screen: a note, a word on the press of a button as the catalogue key
    `toast`, and in `also` a message of its own, to be kept or passed on. `fresh` shows the card anew at the end of the
    chat, and `tidy` takes the person's own message out of it: None for as usual, which is both for a command, tidy for
    other text, and neither for a button. The document `wanted` is made after the commit and handed over. `left` says
    what was typed and is left behind unstored, `not_taken` what of a list was not taken where none of it was.
    """

    note: Note | None = None
    toast: str | None = None
    fresh: bool | None = None
    tidy: bool | None = None
    also: View | None = None
    wanted: Wanted | None = None
    left: Note | None = None
    not_taken: NotTaken | None = None


class Said(Frozen):
    """
    What to say once the work is committed: the view of the chat's screen, with the reply to what happened.
    """

    view: View
    reply: Reply = Reply()


def asked(case: Case, what: str) -> str:
    """
    A question, by what it is about: an answer is taken only for the one that the card shows. What was asked before a
    case ended is another question than what is asked of it since.
    """
    since = f".{case.stage}" if case.stage in ENDED else ""
    return f"{case.id}:{case.revision}{since}:{what}"


@dataclass
class Turn:
    """
    The session in which to read and write, who did something, what their chat has in focus, when it was received, and
    when Telegram says that it was written.

    `deployment` is how the bot is set up here, `sites` are those at which the person holds one of the roles that this
    event needs; None for all sites. `known` is the record of the case in focus and `found` the view of the screen,
    where they have been looked up already.
    """

    session: AsyncSession
    now: datetime
    chat: Chat
    member: Member
    received_at: datetime
    deployment: Deployment
    roles: frozenset[PersonRole] = READERS
    written_at: datetime | None = None
    known: Record | None = None
    found: View | None = None

    @property
    def sites(self) -> frozenset[int] | None:
        """
        Where the person holds one of the roles needed.
        """
        return self.member.sites(self.roles)

    @property
    def actor(self) -> Actor:
        """
        The person in the role in which they act: of several that would do, the one closest to the case.
        """
        held = self.member.roles & self.roles
        return Actor(self.member.person.id, next((role for role in _CLOSEST_FIRST if role in held), None))

    def may(self, roles: frozenset[PersonRole], site_id: int | None = None) -> bool:
        """
        Whether the person holds one of these roles at this site, or anywhere.
        """
        sites = self.member.sites(roles)
        return sites is None or (bool(sites) if site_id is None else site_id in sites)

    def may_screen(self, site_id: int | None = None) -> bool:
        """
        Whether the person screens at this site, or anywhere.
        """
        return self.may(SCREENERS, site_id)

    def may_decide(self, site_id: int | None = None) -> bool:
        """
        Whether the person signs at this site, or anywhere.
        """
        return self.may(DECIDERS, site_id)

    @property
    def is_for_an_earlier_card(self) -> bool:
        """
        Whether a text was written before what the card asks could be read. Telegram dates both, in whole seconds: its
        clock is never compared with the bot's, and nobody reads a question and types within the second that showed it.
        """
        shown, written = self.chat.card_date, self.written_at
        return shown is None or (written is not None and written <= shown)

    async def focus(self) -> Case | None:
        """
        The case in focus.
        """
        focused = self.chat.case_id
        return None if focused is None else await cases.by_id(self.session, case_id=focused, sites=self.sites)

    async def focus_on(self, case_id: int) -> Case:
        """
        The case in focus, which a button is about. Raises StaleError where it is about another one.
        """
        case = await self.focus()
        if case is None or case.id != case_id:
            raise StaleError
        return case

    async def record(self, case: Case) -> Record:
        """
        The record of a case as of today.
        """
        return await records.load(self.session, case=case, now=self.now)

    @property
    def screen(self) -> Screen | None:
        """
        The screen that the chat's row holds; None where no present screen is called so.
        """
        return Screen.read(self.chat.screen)

    def show(
        self,
        screen: Screen,
        about: Case | Record | None = None,
        note: Note | None = None,
        *,
        fresh: bool | None = None,
        also: View | None = None,
    ) -> Reply:
        """
        Put a screen, and a case if any, in focus. What was typed or ticked but is no answer yet waits for its question.
        A record spares reading the case again.
        """
        self.found, self.known = None, about if isinstance(about, Record) else None
        case = about.case if isinstance(about, Record) else about
        self.chat.screen = screen.text
        self.chat.case_id = case.id if case else None
        return Reply(note, fresh=fresh, also=also)

    def keep(self, draft: str | None) -> Reply:
        """
        Keep what is ticked or typed, but no answer yet, as bot.typed.drafts writes it.
        """
        self.chat.draft, self.found = draft, None
        return Reply()

    def drop(self) -> Kept | None:
        """
        Keep what is ticked or typed on the card no longer, because somebody has said so or it has become an answer.
        """
        shown = drafts.on_card(self.chat.draft, self.chat.card_for)
        if shown is not None:
            self.keep(drafts.without(self.chat.draft, shown))
        return shown
