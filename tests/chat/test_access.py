"""
Every command and every event, in the hands of everybody: what a role is not declared for changes nothing, and nobody
learns anything of a case at another site.
"""

import shutil
from collections.abc import AsyncIterator, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import SQLModel, select

from bot.catalogues import LANGUAGES
from bot.coded import Screen
from bot.emulator.api import LocalBotApi
from bot.handlers.routes import COMMANDS, EVENTS, READERS_OF
from bot.screens.base import CaseScreen, MenuScreen
from bot.settings import Settings
from bot.taps import Go, Menu, Tap, decode
from bot.texts import words
from db.base.tables import Authenticator, Chat, Person, PersonRole
from tests.chat.conversation import view_of
from tests.chat.scenes import SCENES, Scene, play, stage
from tests.chat.staff import add_member, said
from tests.chat.ward import (
    ADMINISTRATOR,
    COORDINATOR,
    INVESTIGATOR,
    MONITOR,
    NEWCOMER,
    NOW,
    WORKER,
    Ward,
    ghost,
    give_app,
    two_wards,
)
from tests.conftest import STRANGER, Chatter, Clinic, settings_in
from tests.databases import Databases, fresh
from tests.thorough import thorough

_IN_OTHER_HANDS = thorough("every event in the hands of one more role")
ROLES = [role if role is INVESTIGATOR else pytest.param(role, marks=_IN_OTHER_HANDS) for role in PersonRole]
"""Whoever may do most first; of the others `make test-rest` takes the walks that are long."""

ACTOR = 900
REFUSAL = words("en")("refusal").unescape()
ROUTES = {**COMMANDS, **EVENTS}


@dataclass
class Wards:
    """
    A clinic with two sites at work, and somebody new in it.
    """

    clinic: Clinic
    here: Ward
    there: Ward

    async def actor(self, *held: tuple[PersonRole, int | None]) -> Chatter:
        """
        Somebody with these roles, and an authenticator app.
        """
        person = await add_member(self.clinic, ACTOR, *held)
        await give_app(self.clinic, ACTOR)
        await person.say("/start")
        return person

    async def play(self, person: Chatter, scene: Scene, ward: Ward) -> None:
        """
        Let somebody do something about a ward, whatever they are.
        """
        await stage(self.clinic, person.user_id, scene, ward)
        await play(self.clinic, person, scene, ward)


@pytest.fixture(scope="module")
def built() -> dict[str, tuple[Settings, list[Ward]]]:
    """
    The settings of a database of each kind with both wards, once it is built.
    """
    return {}


@pytest.fixture
async def morning(
    backend: str,
    lasting: Databases,
    built: dict[str, tuple[Settings, list[Ward]]],
    tmp_path_factory: pytest.TempPathFactory,
) -> tuple[Settings, list[Ward]]:
    """
    The settings of a database with both wards, to be copied.
    """
    if backend not in built:
        settings = settings_in(tmp_path_factory.mktemp("wards"), database_url=await lasting.create())
        clinic = Clinic(settings, now=NOW)
        await clinic.start()
        built[backend] = settings, await two_wards(clinic)
        await clinic.stop()
    return built[backend]


@pytest.fixture
async def wards(databases: Databases, morning: tuple[Settings, list[Ward]], tmp_path: Path) -> AsyncIterator[Wards]:
    """
    Both wards, as they are in the morning.
    """
    settings, both = morning
    shutil.copy(settings.audit_key_file, tmp_path)
    async with fresh(databases, settings.database_url.get_secret_value()) as url:
        api = LocalBotApi(first_id=1_000_000)
        clinic = Clinic(settings_in(tmp_path, database_url=url), api=api, now=NOW)
        await clinic.start()
        yield Wards(clinic, *both)
        await clinic.stop()


Rows = dict[str, set[tuple[Any, ...]]]
ON_ITS_WAY = {"inbox", "chats", "leases", "paces"}


TABLES = [table.name for table in SQLModel.metadata.sorted_tables if table.name not in ON_ITS_WAY]


async def stored(clinic: Clinic, but: Mapping[str, str] | None = None, names: Iterable[str] = TABLES) -> Rows:
    """
    All that is stored, but for what is on its way and where the chats stand; of some tables, what a query says.
    """
    found: Rows = {}
    # To the driver itself: the types of the columns would cost more than all that is tested.
    async with clinic.application.database.engine.connect() as connection:
        for name in names:
            query = (but or {}).get(name, f"SELECT * FROM {name}")  # noqa: S608  names of our own tables
            found[name] = set(map(tuple, (await connection.exec_driver_sql(query)).all()))
    return found


STAGED = ("authenticators",)
"""What of it a scene is staged with."""


async def of_the_study(clinic: Clinic) -> Rows:
    """
    The same without what people set for themselves: their language, the reminders that they do not want, and, as
    scenes decide that, whether their apps are set up. That a document was handed over changes nothing of the study.
    """
    own = {
        "people": "SELECT id, telegram_id, name, is_active, accepted_at FROM people",
        "audit_entries": "SELECT at, actor, action, entity, field, old, new FROM audit_entries"
        " WHERE action != 'person.language' AND action NOT LIKE 'document.%'",
    }
    nothing = dict.fromkeys(("audit_head", "muted_kinds", "authenticators"), "SELECT 1")
    return await stored(clinic, {**own, **nothing})


async def of_the_first_site(clinic: Clinic) -> Rows:
    """
    What is stored of the first site: its cases with answers, links, decisions and visits, its people and invitations.
    """
    here = "(SELECT id FROM cases WHERE site_id = 1)"
    rows = {
        **dict.fromkeys(("cases", "tallies", "memberships", "invitations", "reminders", "visits"), "site_id = 1"),
        **dict.fromkeys(("answers", "decisions", "visit_records"), f"case_id IN {here}"),
        "links": f"recipient_id IN {here} OR donor_id IN {here}",
        "sites": "id = 1",
        "people": "id IN (SELECT person_id FROM memberships WHERE site_id = 1)",
        "audit_entries": "site = 1 OR entity LIKE '01-%'",
    }
    names = {table.name: rows.get(table.name, "1 = 0") for table in SQLModel.metadata.sorted_tables}
    return await stored(clinic, {name: f"SELECT * FROM {name} WHERE {where}" for name, where in names.items()})  # noqa: S608  as above


async def standing(clinic: Clinic, user_id: int) -> tuple[object, ...]:
    """
    Where a chat stands.
    """
    async with clinic.application.database.transaction() as session:
        query = select(Chat.screen, Chat.case_id, Chat.draft).where(Chat.chat_id == user_id)
        return tuple((await session.exec(query)).all())


async def test_the_scenes_know_every_command_every_event_and_every_screen(wards: Wards) -> None:
    """
    Each route declares its roles; each screen is gone to, and each that reads text is typed at.
    """
    assert {scene.event for scene in SCENES} == ROUTES.keys()
    for name, route in ROUTES.items():
        assert route.roles, f"{name} declares no roles"
        assert route.roles <= set(PersonRole)
    gone_to = {type(tap.screen) for scene in SCENES if isinstance(tap := scene.act(wards.here), Go | Menu)}
    assert gone_to >= {kind for kind in Screen.known.values() if issubclass(kind, CaseScreen | MenuScreen)}


@pytest.mark.parametrize("scene", [scene for scene in SCENES if scene.writes], ids=lambda scene: scene.name)
async def test_each_of_these_changes_something_where_it_is_allowed(wards: Wards, scene: Scene) -> None:
    """
    So that it says something when they change nothing.
    """
    if scene.by == "anybody":
        person = await wards.actor((ADMINISTRATOR, None), (COORDINATOR, 1), (INVESTIGATOR, 1))
    else:
        person = wards.clinic.person({"worker": WORKER, "newcomer": NEWCOMER}[scene.by] + 1)
        await person.say("/start")
    before = await stored(wards.clinic)
    await wards.play(person, scene, wards.here)
    assert await stored(wards.clinic) != before


async def test_every_screen_that_reads_text_is_typed_at(wards: Wards) -> None:
    """
    By somebody who may: what the card asks there is asked by one of these views.
    """
    person = await wards.actor((ADMINISTRATOR, None), (COORDINATOR, 1), (INVESTIGATOR, 1))
    found = set()
    for scene in SCENES:
        if isinstance(scene.event, type) and scene.event.__name__ == "Typed":
            user = person.user_id if scene.by == "anybody" else WORKER + 1
            await stage(wards.clinic, user, scene, wards.here)
            async with wards.clinic.application.database.transaction() as session:
                found.add(type(await view_of(wards.clinic, session, user)))
    assert found >= READERS_OF.keys()


@pytest.mark.parametrize("role", PersonRole)
async def test_an_event_that_is_not_for_a_role_changes_nothing(wards: Wards, role: PersonRole) -> None:
    """
    At the very site, about a case that is there: neither what is stored nor where the chat stands; and that is said.
    """
    person = await wards.actor((role, 1))
    refused = [scene for scene in SCENES if role not in ROUTES[scene.event].roles]
    before = await stored(wards.clinic)
    for scene in refused:
        await stage(wards.clinic, ACTOR, scene, wards.here)
        before |= await stored(wards.clinic, names=STAGED)
        stood, toasts = await standing(wards.clinic, ACTOR), len(person.toasts)
        await play(wards.clinic, person, scene, wards.here)
        assert words("en")("note.not_allowed").unescape() in [person.card.text.splitlines()[0], *person.toasts[toasts:]]
        assert await stored(wards.clinic) == before, scene.name
        assert await standing(wards.clinic, ACTOR) == stood, scene.name
    assert refused


async def test_a_monitor_reads_and_writes_nothing(wards: Wards) -> None:
    """
    Whatever they do at their own site, on whatever screen: only their chat moves, and what they set for themselves.
    """
    person = await wards.actor((MONITOR, 1))
    before = await of_the_study(wards.clinic)
    assert wards.here.of("asked", "code") in (await person.say(f"/status {wards.here.of('asked', 'code')}")).text
    for scene in SCENES:
        if scene.by != "anybody":
            continue
        await stage(wards.clinic, ACTOR, scene, wards.here)
        await play(wards.clinic, person, scene, wards.here)
        assert await of_the_study(wards.clinic) == before, scene.name
        async with wards.clinic.application.database.transaction() as session:
            app = (await session.exec(select(Authenticator).join(Person).where(Person.telegram_id == ACTOR))).one()
            assert (app.confirmed_at is not None, app.last_step) == (scene.has_app, 0), scene.name


@pytest.mark.parametrize("role", ROLES)
async def test_nobody_reaches_a_case_of_another_site(wards: Wards, role: PersonRole) -> None:
    """
    Each event, declared or not, by somebody of site 02, even with the case in focus, as it is for somebody whose role
    there was just taken away: nothing of site 01 changes, and nothing of its cases is told.
    """
    person = await wards.actor((role, 2))
    before = await of_the_first_site(wards.clinic)
    for scene in SCENES:
        await wards.play(person, scene, wards.here)
        assert await of_the_first_site(wards.clinic) == before, scene.name
        tells_nothing(person, wards.here, scene)


def tells_nothing(person: Chatter, ward: Ward, scene: Scene) -> None:
    """
    No code of a case stands in the chat but one that the person typed and that there is not, and no button leads there.
    """
    told = "\n".join([*said(person), *person.labels])
    for code in ward.codes:
        for language in LANGUAGES:
            told = told.replace(words(language)("note.no_case", name=code).unescape(), "")
        assert code not in told, scene.name
    ids = {case.id for case in ward.cases.values()}
    for row in person.card.buttons:
        for button in row:
            tap = decode(button.data or "")
            assert getattr(tap, "case", None) not in ids, scene.name
            assert getattr(tap, "partner", None) not in ids, scene.name


@pytest.mark.parametrize("role", ROLES)
async def test_ids_that_nobody_has_change_nothing(wards: Wards, role: PersonRole) -> None:
    """
    Buttons of any kind with cases, people, reminders that never were: neither an error nor an effect.
    """
    person = await wards.actor((role, 1))
    nobody = ghost(wards.here)
    before = await stored(wards.clinic)
    for scene in SCENES:
        done = scene.act(nobody)
        names_something = (isinstance(done, str) and "01-" in done) or (isinstance(done, Tap) and ":9" in done.data)
        if not names_something:
            continue
        await stage(wards.clinic, ACTOR, scene, nobody)
        before |= await stored(wards.clinic, names=STAGED)
        await play(wards.clinic, person, scene, nobody)
        assert await stored(wards.clinic) == before, scene.name
        assert "reference" not in person.card.text, scene.name


NAMED = (
    *("/status {}", "/resume {}", "{}", "/pair {}", "/link {}", "/link {} 02-D-041", "/unlink {}", "/decide {}"),
    *("/sign {}", "/why {}", "/why {} R-I1", "/history {}", "/whatif {} age=50", "/report {}", "/find {}"),
    *("/infused {}", "/infused {} 1/4/2026", "/visits {}", "/documents {}", "/picture {}"),
)
"""Every way to name a case."""


@pytest.mark.parametrize("role", PersonRole)
async def test_a_case_of_another_site_is_answered_like_one_that_never_was(wards: Wards, role: PersonRole) -> None:
    """
    Word for word, whether it exists or not.
    """
    person = await wards.actor((role, 2))
    for name in NAMED:
        answers = []
        for code in (wards.here.of("whole", "code"), "01-R-900"):
            await person.say("/start")
            card = await person.say(name.format(code))
            answers.append((card.text.replace(code, "CODE"), person.labels))
        assert answers[0] == answers[1], name


@pytest.mark.parametrize(
    "state",
    [
        "stranger",
        pytest.param("deactivated", marks=_IN_OTHER_HANDS),
        pytest.param("no role", marks=_IN_OTHER_HANDS),
        pytest.param("invited", marks=_IN_OTHER_HANDS),
    ],
)
async def test_whoever_is_not_in_changes_nothing_and_learns_nothing(wards: Wards, state: str) -> None:
    """
    Each event, by a stranger, somebody shut out, somebody whose roles are all gone, somebody who has not accepted.
    """
    clinic = wards.clinic
    user_id = STRANGER if state == "stranger" else ACTOR
    person = clinic.person(user_id)
    held = [] if state == "no role" else [(role, None if role is ADMINISTRATOR else 1) for role in PersonRole]
    if state != "stranger":
        await add_member(clinic, ACTOR, *held, is_active=state != "deactivated", has_accepted=state != "invited")
    first = (await person.say("/start")).text
    assert ("Before you start" in first) == (state == "invited")
    before = await stored(clinic)
    for scene in SCENES:
        if scene.by == "newcomer" and state == "invited":
            continue  # tests/chat/test_joining.py
        await stage(clinic, user_id, scene, wards.here)
        stood = await standing(clinic, user_id)
        await play(clinic, person, scene, wards.here)
        assert set(said(person)) <= {first, REFUSAL}, scene.name
        assert await stored(clinic) == before, scene.name
        assert await standing(clinic, user_id) == stood, scene.name
