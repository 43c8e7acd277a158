"""
How each command and each event is caused: on which screen, with which case in focus, with what pressed or said.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from types import SimpleNamespace
from typing import Literal

from sqlmodel import select

from bot import taps
from bot.coded import Screen
from bot.events import Edited, Event, OldButton, Typed, Unreadable
from bot.rules.v1.scores import RODNAN_SITES
from bot.screens import present
from bot.screens.base import CaseScreen, MenuScreen
from bot.screens.decisions import DismissScreen
from bot.screens.infusions import FIRST
from bot.screens.menus import Here
from bot.screens.screening import AskScreen, Continue, Return
from bot.screens.signing import SignScreen
from bot.screens.summary import SummaryScreen
from bot.screens.visits import VisitsScreen
from bot.taps import Tap
from bot.turn import Turn
from bot.typed import drafts, pending
from bot.typed.drafts import Draft
from bot.typed.pending import Pended, Pending
from db.base.tables import Authenticator, Case, Chat, Person
from db.cases import records
from db.people import access
from tests.chat.ward import EARLIER, MONITOR, WORKER, Ward, code_now
from tests.conftest import Chatter, Clinic

DAY = EARLIER.date()
TEN_LATER = "14/5/2026"
LIST = Pending((Pended("lung_transplant_possible", raw=False),))
CHANGE = Pending((Pended("age", Decimal(50)),))
_ABOUT = {
    "item": "sex",
    "change": "age:typo",
    "await": "age",
    "why": "age:item:sex",
    "work": "mrss",
    "reason": "age",
    "tree": "D-E2",
    "end": "voided",
    "ending": "withdrawn",
    "visit": "3",
    "unrelated": "1",
    "reminder": "1",
    "case_reminders": "1",
    "snooze": "1",
    "person": "1",
    "role": "1",
}
"""What those screens are about that are always about something."""


def screens(family: type[Screen]) -> list[Screen]:
    """
    One of each kind of screen.
    """
    found = [kind for kind in Screen.known.values() if issubclass(kind, family)]
    return [Screen.read(f"{kind.code}:{_ABOUT.get(kind.code, '')}") for kind in found]


@dataclass(frozen=True)
class Scene:
    """
    Something that a person does. `act` gives what they say or press; `screen` and `case`, which is in focus, are where
    their chat stands. It `writes` if anything but the chat's own place changes by it, for whom it is declared.

    `by` says who: anybody, whoever works at the ward, or the newcomer there. `has_app` is whether their authenticator
    app is set up.
    """

    event: str | type[Event]
    act: Callable[[Ward], str | Tap]
    screen: str = "home"
    case: str | None = None
    draft: tuple[str, Draft] | Pending | None = None
    writes: bool = False
    by: Literal["anybody", "worker", "newcomer"] = "anybody"
    has_app: bool = True

    @property
    def name(self) -> str:
        """
        What the event is called, and where it happens.
        """
        return f"{self.event if isinstance(self.event, str) else self.event.__name__} on {self.screen}"


def _say(text: str, **options: object) -> Scene:
    """
    A command; names of cases in it stand for their codes.
    """
    return Scene(text[1:].split(maxsplit=1)[0], lambda ward: text.format_map(_codes(ward)), **options)  # type: ignore[arg-type]


def _type(text: str, screen: str, case: str | None, **options: object) -> Scene:
    return Scene(Typed, lambda ward: text.format_map(_codes(ward)), screen, case, **options)  # type: ignore[arg-type]


def _codes(ward: Ward) -> dict[str, str]:
    return {name: case.code for name, case in ward.cases.items()} | {"totp": "{totp}"}


def _scenes() -> Iterable[Scene]:
    yield from _commands()
    yield from _texts()
    yield from _answers()
    yield from _moves()
    yield from _people()
    yield from _pairs_and_decisions()
    yield from _follow_up()
    for kind in (Edited, Unreadable, OldButton):
        yield Scene(kind, lambda _: "", "ask", "asked")


def _commands() -> Iterable[Scene]:
    for text in (
        "start",
        "help",
        "cases",
        "team",
        "invite",
        "status",
        "dashboard",
        "find incomplete",
        "queries",
        "agenda",
    ):
        yield _say(f"/{text}")
    for text in ("reminders", "language", "agenda ics", "authenticator", "documents", "picture", "queries"):
        yield _say(f"/{text}")
    for text in (
        "resume {asked}",
        "pair {whole}",
        "decide {whole}",
        "sign {chosen}",
        "status {asked}",
        "visits {infused}",
    ):
        yield _say(f"/{text}")
    for text in ("why {failing} D-E2", "history {asked}", "whatif {asked} age=50", "report {asked}", "find {asked}"):
        yield _say(f"/{text}")
    for text in ("documents {asked}", "picture {infused}", "picture ahead"):
        yield _say(f"/{text}")
    for text in ("pair", "decide", "sign", "link", "unlink", "why", "history", "whatif", "report", "infused", "visits"):
        yield _say(f"/{text}", screen="summary", case="whole")
    yield _say("/language fr", writes=True)
    yield _say("/new donor", writes=True)
    yield _say("/link {asked} {spare}", writes=True)
    yield _say("/unlink {whole} {other}", writes=True)
    yield _say("/cancel", screen="ask", case="fresh", writes=True)
    yield _say("/infused {included} 1/4/2026")


def _texts() -> Iterable[Scene]:
    """
    Typed where each screen that reads text stands; and a code anywhere.
    """
    yield _type("{asked}", "home", None)
    yield _type("46", "change:age:typo", "asked", writes=True)
    yield _type("{totp}", "sign", "chosen", writes=True)
    yield _type("{totp}", "sign:pair", "whole", writes=True)
    yield _type("{totp}", f"failure:R-I1:{DAY}", "settled", writes=True)
    yield _type("{totp}", "authenticator", None, writes=True, has_app=False)
    yield _type("moving abroad", f"ending:withdrawn:{DAY}", "asked", writes=True)
    yield _type("yes", f"ending:death:{DAY}", "asked", writes=True)
    yield _type("1/4/2026", "ending:lost", "asked")
    yield _type("seen twice", f"propose:R-I1:{DAY}", "settled", writes=True)
    yield _type("moving abroad", "end:unincluded", "included", writes=True)
    yield _type("seen on the ward", "dismiss:Q8", "failing", writes=True)
    yield Scene(Typed, lambda _: TEN_LATER, "snooze:{reminder}", writes=True, by="worker")
    yield _type("1/4/2026", f"infusion::{FIRST}", "included")
    yield _type("read wrongly", "reason:age", "asked")
    yield _type("entered late", f"infusion:2026-01-10:{FIRST}", "included", writes=True)
    yield _type("misread on paper", "infusion", "infused")
    yield _type("another recipient", "noinfusion", "infused", writes=True)
    yield _type("moving abroad", "visit:3:missed", "infused", writes=True)
    yield _type("30/4/2026", "visit:3:done", "infused")
    yield _type("6/5/2026", "visit:3:move", "infused", writes=True)
    yield _type("1" * 17, "work:mrss", "asked")
    yield _type("yes", "work:ssc_acr_eular_2013", "asked")
    yield _type("incomplete", "find:", None)
    yield _type("age=50", "whatif", "asked")
    for screen in (
        "summary",
        "edit",
        "edit:person",
        "criteria",
        "tree:R-I1",
        "history",
        "values",
        "why:sex",
        "changed",
    ):
        yield _type("dlco 58", screen, "asked")
    yield _type("dlco 58", "ask", "settled")
    yield _type("{asked} dlco 58", "home", None)
    yield _type("fvc 66", "quick", "asked", draft=LIST)
    yield _type("yes", "quick", "asked", draft=LIST, writes=True)
    yield _type("copied from another line", "quick_why", "asked", draft=CHANGE, writes=True)
    yield _type("3/5/2026", "day", "listed", writes=True, by="worker")
    yield _type("another device", "day", "listed", by="worker")
    yield _type("yes", "day:another device", "listed", writes=True, by="worker")


def _digest(ward: Ward) -> str:
    """
    Of the list that waits, as the draft of the chat holds it.
    """
    return pending.digest(LIST, SimpleNamespace(case=ward.cases["asked"]))  # type: ignore[arg-type]


def _answers() -> Iterable[Scene]:
    def about(kind: type[Tap], case: str, *rest: object) -> Callable[[Ward], Tap]:
        return lambda ward: kind(ward.of(case), ward.of(case, "revision"), *rest)

    ticked = ("positive_serology", Draft(ticked=frozenset({"htlv"})))
    yield Scene(taps.Pick, about(taps.Pick, "asked", "sex", "male"), "ask", "asked", writes=True)
    yield Scene(
        taps.Toggle, about(taps.Toggle, "failing", "positive_serology", "htlv", 1), f"item:{ticked[0]}", "failing"
    )
    yield Scene(
        taps.Done, about(taps.Done, "failing", ticked[0]), f"change:{ticked[0]}:typo", "failing", ticked, writes=True
    )
    yield Scene(
        taps.Confirm,
        about(taps.Confirm, "asked", "age", drafts.digest(Decimal(101))),
        "change:age:typo",
        "asked",
        ("age", Draft(value=Decimal(101))),
        writes=True,
    )
    given = ("mrss", Draft(parts=dict.fromkeys(RODNAN_SITES, Decimal(1))))
    digest = drafts.digest(given[1].parts)
    yield Scene(taps.GivePart, about(taps.GivePart, "asked", "mrss", "face", "2"), "work:mrss", "asked")
    yield Scene(
        taps.Worked,
        about(taps.Worked, "asked", "mrss", digest),
        "work:mrss:0:change:mrss:typo",
        "asked",
        given,
        writes=True,
    )
    yield Scene(
        taps.Listed,
        lambda ward: taps.Listed(ward.of("asked"), _digest(ward), "all"),
        "quick",
        "asked",
        LIST,
        writes=True,
    )
    yield Scene(
        taps.TakeBack,
        lambda ward: taps.TakeBack(ward.of("listed"), ward.of("listed", "revision") - 1),
        "ask",
        "listed",
        writes=True,
        by="worker",
    )
    yield Scene(taps.SayExamined, about(taps.SayExamined, "listed", "today"), "ask", "listed", writes=True, by="worker")
    yield Scene(taps.Finish, about(taps.Finish, "settled"), "ask", "settled", writes=True)
    yield Scene(taps.Complete, lambda ward: taps.Complete(ward.of("settled")), "ask", "settled", writes=True)


def _moves() -> Iterable[Scene]:
    def go(case: str, screen: Screen) -> Scene:
        return Scene(taps.Go, lambda ward: taps.Go(ward.of(case), screen), "summary", case)

    for screen in (*screens(CaseScreen), Continue(), SignScreen("pair"), DismissScreen("Q8"), Return()):
        for case in ("asked", "failing", "whole", "infused"):
            yield go(case, screen)
    for screen in (*screens(MenuScreen), Here()):
        yield Scene(taps.Menu, lambda _, screen=screen: taps.Menu(screen), "summary", "asked")  # type: ignore[misc]
    for screen in (AskScreen(), SummaryScreen(), VisitsScreen()):
        for case in ("asked", "whole", "infused"):
            yield Scene(taps.OpenCase, lambda ward, screen=screen, case=case: taps.OpenCase(ward.of(case), screen))  # type: ignore[misc]
    for kind in (taps.GetReport, taps.Pause):
        yield Scene(kind, lambda ward, kind=kind: kind(ward.of("whole")), "summary", "whole")  # type: ignore[misc]
    yield Scene(taps.Export, lambda _: taps.Export("calendar"), "agenda:week")
    yield Scene(taps.GetDocument, lambda _: taps.GetDocument("flow", taps.ALL_CASES), "board", writes=True)
    yield Scene(
        taps.GetDocument, lambda ward: taps.GetDocument("values", ward.of("whole")), "documents", "whole", writes=True
    )
    yield Scene(taps.New, lambda _: taps.New("donor"), "new", writes=True)
    yield Scene(taps.NewAt, lambda ward: taps.NewAt("donor", ward.ids["site"]), "new:donor", writes=True)
    yield Scene(taps.SetLanguage, lambda _: taps.SetLanguage("fr"), "language", writes=True)
    yield Scene(taps.MuteKind, lambda _: taps.MuteKind("awaited", 1), "kinds", writes=True)
    for action in ("done", "day", "week", "mute", "mute_kind"):
        yield Scene(
            taps.Remind,
            lambda ward, action=action: taps.Remind(ward.ids["reminder"], action),  # type: ignore[misc]
            "reminder:{reminder}",
            writes=True,
            by="worker",
        )


def _people() -> Iterable[Scene]:
    def of(kind: type[Tap], name: str) -> Callable[[Ward], Tap]:
        return lambda ward: kind(ward.ids[name])

    yield Scene(taps.Accept, of(taps.Accept, "newcomer"), writes=True, by="newcomer")
    yield Scene(taps.Decline, of(taps.Decline, "newcomer"), writes=True, by="newcomer")
    yield Scene(taps.Invite, lambda ward: taps.Invite(MONITOR, ward.ids["site"]), f"invite:{MONITOR}", writes=True)
    yield Scene(taps.Revoke, of(taps.Revoke, "invitation"), "invitations", writes=True)
    yield Scene(
        taps.AddRole,
        lambda ward: taps.AddRole(ward.ids["worker"], MONITOR, ward.ids["site"]),
        f"role:{{worker}}:{MONITOR}",
        writes=True,
    )
    yield Scene(taps.RemoveRole, of(taps.RemoveRole, "membership"), "person:{worker}", writes=True)
    yield Scene(taps.Deactivate, of(taps.Deactivate, "worker"), "person:{worker}", writes=True)
    yield Scene(taps.Reactivate, of(taps.Reactivate, "gone"), "person:{gone}", writes=True)
    yield Scene(taps.ResetAuthenticator, of(taps.ResetAuthenticator, "worker"), "person:{worker}", writes=True)


def _pairs_and_decisions() -> Iterable[Scene]:
    def two(kind: type[Tap], case: str, partner: str, screen: str) -> Scene:
        return Scene(kind, lambda ward: kind(ward.of(case), ward.of(partner)), screen, case, writes=True)

    def decide(case: str, screen: str, kind: str, reason: str, about: str = "-") -> Scene:
        def act(ward: Ward) -> Tap:
            named = ward.of("child", "code") if about == "child" else about
            return taps.Decide(ward.of(case), ward.of(case, "revision"), kind, named, reason)

        return Scene(taps.Decide, act, screen, case, writes=True)

    def end(kind: str, reason: str) -> Scene:
        def act(ward: Ward) -> Tap:
            return taps.End(ward.of("asked"), ward.of("asked", "revision"), kind, DAY, reason)

        return Scene(taps.End, act, f"ending:{kind}:{DAY}", "asked", writes=True)

    def proposed(ward: Ward) -> Tap:
        return taps.Propose(ward.of("settled"), ward.of("settled", "revision"), "R-I1", DAY)

    yield two(taps.LinkWith, "asked", "spare", "link")
    yield two(taps.LinkWith, "spare", "asked", "link")
    yield Scene(
        taps.LinkAllTheSame,
        lambda ward: taps.LinkAllTheSame(ward.of("asked"), ward.of("unrelated")),
        "unrelated:{unrelated}",
        "asked",
        writes=True,
    )
    yield two(taps.Unlink, "whole", "other", "unlink")
    yield two(taps.Unlink, "other", "whole", "unlink")
    yield two(taps.Choose, "whole", "other", "pair")
    yield Scene(taps.NewDonor, lambda ward: taps.NewDonor(ward.of("asked"), 0), "pair", "asked", writes=True)
    for kind, reason in (("withdrawn", "patient"), ("death", "death"), ("lost", "moved"), ("consent_refused", "risks")):
        yield end(kind, reason)
    yield Scene(taps.Propose, proposed, f"propose:R-I1:{DAY}", "settled", writes=True)
    yield decide("failing", "dismiss:Q8", "query_dismissed", "explained", "Q8")
    yield decide("signed", "end:voided", "voided", "mistake")
    yield decide("lost", "end:reopened", "reopened", "mistake")
    yield decide("included", "end:unincluded", "unincluded", "mistake")
    yield decide("mother", "include", "included", "-", "child")
    yield Scene(taps.Enrol, lambda _: taps.Enrol(), "authenticator", writes=True, has_app=False)


def _follow_up() -> Iterable[Scene]:
    def visited(kind: str, screen: str, day: date | None, detail: str) -> Scene:
        def act(ward: Ward) -> Tap:
            return taps.Visited(ward.of("infused"), ward.ids["sequence"], 3, kind, day, detail)

        return Scene(taps.Visited, act, screen, "infused", writes=True)

    early = date(2026, 1, 10)
    yield Scene(
        taps.Infuse,
        lambda ward: taps.Infuse(ward.of("included"), 0, "recorded_late", early),
        f"infusion:{early}:{FIRST}",
        "included",
        writes=True,
    )
    yield Scene(
        taps.TakeInfusionBack,
        lambda ward: taps.TakeInfusionBack(ward.of("infused"), ward.ids["infusion"], "mistake"),
        "noinfusion",
        "infused",
        writes=True,
    )
    yield visited("missed", "visit:3:missed", None, "unwell")
    yield visited("done", "visit:3:done:2026-04-30", date(2026, 4, 30), "none")


SCENES = tuple(_scenes())


async def stage(clinic: Clinic, user_id: int, scene: Scene, ward: Ward) -> None:
    """
    Let a chat stand where the scene begins, as if its person had been shown what somebody sees who works at the ward.
    """
    worker_id = WORKER + ward.ids["site"] % 900_000
    async with clinic.application.database.transaction() as session:
        chat = await session.get(Chat, user_id)
        if chat is None:
            chat = Chat(chat_id=user_id)
            session.add(chat)
        chat.screen, chat.draft, chat.case_id = scene.screen.format_map(ward.ids), None, None
        now = clinic.application.worker.clock()
        case = None if scene.case is None else await session.get(Case, ward.of(scene.case))
        if case is not None:
            chat.case_id = case.id
            if scene.draft is not None:
                record = await records.load(session, case=case, now=now)
                if isinstance(scene.draft, Pending):
                    chat.draft = pending.write(scene.draft, record)
                else:
                    item, draft = scene.draft
                    chat.draft = drafts.write(draft, record, record.population.item[item])
        member = (await access.members(session, telegram_ids=[worker_id]))[worker_id]
        view = await present(Turn(session, now, chat, member, now, clinic.application.worker.deployment))
        chat.card_for, chat.card_date = view.asks if scene.has_app else "authenticator", EARLIER
        person = (await session.exec(select(Person).where(Person.telegram_id == user_id))).first()
        app = None if person is None else await session.get(Authenticator, person.id)
        if app is not None and app.locked_until is None:
            app.confirmed_at = EARLIER if scene.has_app else None


async def play(clinic: Clinic, person: Chatter, scene: Scene, ward: Ward) -> None:
    """
    Let a person do it.
    """
    done = scene.act(ward)
    if isinstance(done, Tap):
        await person.tap(done.data)
    elif scene.event is Edited:
        await _edit(person)
    elif scene.event is Unreadable:
        await _send_voice(person)
    elif scene.event is OldButton:
        await person.tap("junk")
    else:
        await person.say(done.format(totp=code_now(clinic)))


async def _edit(person: Chatter) -> None:
    own = [message for message in person.api.chat(person.user_id) if not message.from_bot]
    if not own:
        await person.say("hello")
        own = [message for message in person.api.chat(person.user_id) if not message.from_bot]
    if own:
        person.api.edit(person.user_id, own[-1].id, "45")
    await person.look()


async def _send_voice(person: Chatter) -> None:
    sender = {"id": person.user_id, "is_bot": False, "first_name": "Test"}
    message = {"message_id": 1, "date": 1, "chat": {"id": person.user_id, "type": "private"}, "from": sender}
    person.api.put({"message": {**message, "voice": {"file_id": "f", "file_unique_id": "u", "duration": 1}}})
    await person.look()
