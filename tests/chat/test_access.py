"""
Every command and every event, in the hands of everybody: what a role is not declared for changes nothing, and nobody
learns anything of a case at another site.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, fields
from typing import Any

import pytest
from sqlmodel import SQLModel, col, select

from bot.events import Edited, Event, OldButton, Typed, Unreadable
from bot.handlers import COMMANDS, EVENTS
from bot.taps import TAPS, Tap
from bot.texts import words
from db.tables import Case, Chat, Membership, Person, PersonRole
from tests.chat.conversation import open_case
from tests.chat.staff import add_member, add_site, invite, said
from tests.conftest import STRANGER, Chatter, Clinic

ADMINISTRATOR, COORDINATOR, INVESTIGATOR, MONITOR = PersonRole
ACTOR, LOCAL, INVITED = 900, 800, 700
REFUSAL = words("en")("refusal").unescape()

COMMANDS_SAID = {
    "start": "/start",
    "help": "/help",
    "new": "/new donor",
    "cases": "/cases",
    "resume": "/resume {code}",
    "status": "/status {code}",
    "language": "/language",
    "cancel": "/cancel",
    "team": "/team",
    "invite": "/invite",
}
"""How each command is said. One that is not here fails the walk: say how, and what it is about."""

SCREENS = {"g": "details", "m": "cases:0"}
"""Where buttons that lead to a screen lead, by their code."""


@dataclass(frozen=True)
class Target:
    """
    A case at the first site, with somebody who works there and an invitation to there: what events are about.
    """

    case: Case
    person: int
    membership: int
    invitation: int

    def carried(self, kind: type[Tap]) -> str:
        """
        What a button of this kind about all this carries. A field that is not here fails the walk: say what it holds.
        """
        values: dict[str, object] = {
            "case": self.case.id,
            "revision": self.case.revision,
            "item": "age",
            "choice": "-",
            "option": "av_block_2_3",
            "on": 1,
            "digest": "00000000",
            "screen": SCREENS.get(kind.code),
            "kind": "donor",
            "language": "en",
            "person": self.person,
            "membership": self.membership,
            "invitation": self.invitation,
            "role": MONITOR,
            "site": self.case.site_id,
        }
        return kind(*[values[field.name] for field in fields(kind)]).data


async def typed(person: Chatter, target: Target) -> None:
    """
    The code of the case, as text.
    """
    await person.say(target.case.code)


async def edited(person: Chatter, _: Target) -> None:
    """
    A message changed.
    """
    own = [message for message in person.api.chat(person.user_id) if not message.from_bot]
    if not own:
        await person.say("hello")
        own = [message for message in person.api.chat(person.user_id) if not message.from_bot]
    if own:
        person.api.edit(person.user_id, own[-1].id, "45")
    await person.look()


async def unreadable(person: Chatter, _: Target) -> None:
    """
    A voice message.
    """
    sender = {"id": person.user_id, "is_bot": False, "first_name": "Test"}
    message = {"message_id": 1, "date": 1, "chat": {"id": person.user_id, "type": "private"}, "from": sender}
    person.api.put({"message": {**message, "voice": {"file_id": "f", "file_unique_id": "u", "duration": 1}}})
    await person.look()


async def old_button(person: Chatter, _: Target) -> None:
    """
    Data that no button has.
    """
    await person.tap("junk")


OTHER_EVENTS: dict[type[Event], Callable[[Chatter, Target], Awaitable[None]]] = {
    Typed: typed,
    Edited: edited,
    Unreadable: unreadable,
    OldButton: old_button,
}


async def walk(person: Chatter, target: Target, name: str | type[Event]) -> None:
    """
    Let a person cause an event about the target.
    """
    if isinstance(name, str):
        await person.say(COMMANDS_SAID[name].format(code=target.case.code))
    elif issubclass(name, Tap):
        await person.tap(target.carried(name))
    else:
        await OTHER_EVENTS[name](person, target)


EVERY = {**COMMANDS, **EVENTS}


async def at_the_first_site(clinic: Clinic) -> Target:
    """
    A case with an answer at site 01, its coordinator, and an open invitation.
    """
    admin = await clinic.coordinator()
    lyon = await add_site(clinic)
    assert lyon == 2
    await invite(admin)
    worker = await add_member(clinic, LOCAL, (COORDINATOR, 1))
    await open_case(worker, "recipient")
    await worker.say("45")
    async with clinic.application.database.transaction() as session:
        case = (await session.exec(select(Case))).one()
        person = (await session.exec(select(Person).where(Person.telegram_id == LOCAL))).one()
        membership = (await session.exec(select(Membership).where(Membership.person_id == person.id))).one()
    return Target(case, person.id, membership.id, 2)


async def stored(clinic: Clinic, *but: str) -> dict[str, list[Any]]:
    """
    All that is stored, but for what is on its way, where the chats stand, and these tables.
    """
    tables = [table for table in SQLModel.metadata.sorted_tables if table.name not in {"inbox", "chats", *but}]
    async with clinic.application.database.engine.connect() as connection:
        return {table.name: sorted(map(repr, await connection.execute(table.select()))) for table in tables}


async def standing(clinic: Clinic, user_id: int) -> tuple[object, ...]:
    """
    Where a chat stands.
    """
    async with clinic.application.database.transaction() as session:
        query = select(Chat.screen, Chat.case_id, Chat.draft).where(Chat.chat_id == user_id)
        return tuple((await session.exec(query)).all())


def test_the_walk_knows_every_command_and_every_event() -> None:
    """
    Each declares the roles that it is for; each button has a route.
    """
    assert COMMANDS_SAID.keys() == COMMANDS.keys()
    assert set(TAPS.values()) | OTHER_EVENTS.keys() == EVENTS.keys()
    for name, route in EVERY.items():
        assert route.roles, f"{name} declares no roles"
        assert route.roles <= set(PersonRole)
    target = Target(Case(id=1, code="01-R-001", site_id=1, revision=1), 1, 1, 1)
    for kind in TAPS.values():
        assert "None" not in target.carried(kind)


@pytest.mark.parametrize("role", PersonRole)
async def test_an_event_that_is_not_for_a_role_changes_nothing(clinic: Clinic, role: PersonRole) -> None:
    """
    At the very site: neither what is stored nor where the chat stands; and that is said.
    """
    target = await at_the_first_site(clinic)
    person = await add_member(clinic, ACTOR, (role, 1))
    await person.say("/start")
    before, stood = await stored(clinic), await standing(clinic, ACTOR)
    refused = [name for name, route in EVERY.items() if role not in route.roles]
    for name in refused:
        toasts = len(person.toasts)
        await walk(person, target, name)
        assert words("en")("note.not_allowed").unescape() in [person.card.text.splitlines()[0], *person.toasts[toasts:]]
        assert await stored(clinic) == before, name
        assert await standing(clinic, ACTOR) == stood, name
    assert refused


async def test_a_monitor_reads_and_writes_nothing(clinic: Clinic) -> None:
    """
    Whatever they do at their own site, in whatever order, only their chat moves.
    """
    target = await at_the_first_site(clinic)
    person = await add_member(clinic, ACTOR, (MONITOR, 1))
    before = await stored(clinic)
    assert target.case.code in (await person.say(f"/status {target.case.code}")).text
    for name in EVERY:
        await walk(person, target, name)
        assert await stored(clinic) == before, name


@pytest.mark.parametrize("role", PersonRole)
async def test_nobody_reaches_a_case_of_another_site(clinic: Clinic, role: PersonRole) -> None:
    """
    Each event, declared or not, by somebody of site 02: nothing of site 01 changes, and nothing of its case is told.
    """
    target = await at_the_first_site(clinic)
    person = await add_member(clinic, ACTOR, (role, 2))
    before = await of_the_first_site(clinic)
    for name in EVERY:
        await person.say("/start")
        shown = len(said(person))
        await walk(person, target, name)
        assert await of_the_first_site(clinic) == before, name
        told = "\n".join([*said(person)[shown - 1 :], *person.labels]).replace(f"no case {target.case.code}", "")
        assert target.case.code not in told, name
        assert "45 years" not in told, name


async def of_the_first_site(clinic: Clinic) -> dict[str, list[Any]]:
    """
    What is stored of the first site: its case, with answers and decisions, and its people, roles and invitations.
    """
    everything = await stored(clinic, "audit_entries", "audit_head", "cases", "tallies", "notices")
    async with clinic.application.database.transaction() as session:
        cases = await session.exec(select(Case).where(Case.site_id == 1).order_by(col(Case.id)))
        everything["cases"] = [case.model_dump() for case in cases]
    return everything


@pytest.mark.parametrize("role", PersonRole)
@pytest.mark.parametrize("name", ["/status {}", "/resume {}", "{}"])
async def test_a_case_of_another_site_is_answered_like_one_that_never_was(
    clinic: Clinic, role: PersonRole, name: str
) -> None:
    """
    Word for word, whether it exists or not.
    """
    await at_the_first_site(clinic)
    person = await add_member(clinic, ACTOR, (role, 2))
    answers = []
    for code in ("01-R-001", "01-R-002"):
        await person.say("/start")
        card = await person.say(name.format(code))
        answers.append((card.text.replace(code, "CODE"), person.labels))
    assert answers[0] == answers[1]


@pytest.mark.parametrize("state", ["stranger", "deactivated", "no role", "invited"])
async def test_whoever_is_not_in_changes_nothing_and_learns_nothing(clinic: Clinic, state: str) -> None:
    """
    Each event, by a stranger, somebody shut out, somebody whose roles are all gone, somebody who has not accepted.
    """
    target = await at_the_first_site(clinic)
    user_id = STRANGER if state == "stranger" else ACTOR
    person = clinic.person(user_id)
    held = [] if state == "no role" else [(role, None if role is ADMINISTRATOR else 1) for role in PersonRole]
    if state != "stranger":
        await add_member(clinic, ACTOR, *held, is_active=state != "deactivated", has_accepted=state != "invited")
    first = (await person.say("/start")).text
    assert ("Before you start" in first) == (state == "invited")
    before, stood = await stored(clinic), await standing(clinic, user_id)
    for name in EVERY:
        if state == "invited" and isinstance(name, type) and name.__name__ in {"Accept", "Decline"}:
            continue  # tests/chat/test_joining.py
        await walk(person, target, name)
        assert set(said(person)) <= {first, REFUSAL}, name
        assert await stored(clinic) == before, name
        assert await standing(clinic, user_id) == stood, name
