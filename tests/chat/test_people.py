"""
Administrators look after the team: invitations, roles, who is in and who is out.
"""

import pytest
from sqlmodel import select

from bot.texts import words
from db.base.engine import Database
from db.base.tables import Authenticator, Invitation, PersonRole
from db.people import people
from db.trail import audit
from db.trail.audit import PROGRAM
from tests.chat.conversation import help_pages, skip, trail
from tests.chat.staff import add_member, add_site, invite, join, link_in, person_of, roles_of, said
from tests.conftest import COORDINATOR, Chatter, Clinic

REFUSAL = words("en")("refusal").unescape()
ENDED = words("en")("notice.deactivated").unescape()
NEW = 777


async def test_an_administrator_finds_the_team_on_the_home_screen(clinic: Clinic, coordinator: Chatter) -> None:
    """
    And others do not.
    """
    await coordinator.say("/start")
    assert {"👥 Team", "✉️ Invite"} <= set(coordinator.labels)
    assert "• Test \u2013 administrator of all sites, coordinator of site 01" in (await coordinator.press("Team")).text
    monitor = await add_member(clinic, NEW, (PersonRole.MONITOR, 1))
    await monitor.say("/start")
    assert not any("Team" in label or "Invite" in label for label in monitor.labels)
    assert "Your role does not allow that." in (await monitor.say("/team")).text
    assert "Your role does not allow that." in (await monitor.say("/invite")).text
    assert "Screening for" in (await monitor.tap("m:team:0")).text


@pytest.mark.parametrize("role", PersonRole)
async def test_help_lists_what_ones_role_allows(clinic: Clinic, role: PersonRole) -> None:
    """
    No command of others, and all of one's own.
    """
    person = await add_member(clinic, NEW, (role, 1))
    text = "\n".join(await help_pages(person))
    assert ("/new" in text) == (role is PersonRole.COORDINATOR)
    assert ("/team" in text) == ("/invite" in text) == (role is PersonRole.ADMINISTRATOR)
    assert "/cases" in text
    for name, roles in clinic.application.worker.deployment.commands.items():
        assert (f"/{name} \u2013 " in text) == (role in roles)


async def test_an_invitation_is_a_message_of_its_own_and_its_code_is_not_stored(
    clinic: Clinic, coordinator: Chatter
) -> None:
    """
    Shown once above the list of open invitations, with role, site and end.
    """
    code = await invite(coordinator, "Investigator", "All sites")
    link, card = clinic.api.chat(COORDINATOR)[-2:]
    assert f"https://t.me/local_bot?start={code}" in link.text
    assert not link.buttons
    assert "investigator of all sites, until" in card.text
    assert "by Test" in card.text
    assert len(code) >= 22
    async with clinic.application.database.transaction() as session:
        stored = [row.model_dump_json() for row in (await session.exec(select(Invitation))).all()]
    assert not any(code in row for row in stored)
    assert all(code not in (entry.new or "") for entry in await trail(clinic))
    await coordinator.press("Menu")
    assert link_in(coordinator) == code


async def test_a_second_tap_makes_no_second_invitation(clinic: Clinic, coordinator: Chatter) -> None:
    """
    The button of the screen before is stale.
    """
    await invite(coordinator)
    await coordinator.tap("iv:coordinator:1")
    async with clinic.application.database.transaction() as session:
        made = (await session.exec(select(Invitation).where(Invitation.roles == "coordinator"))).all()
    assert len(made) == 1


async def test_a_coordinator_is_not_invited_to_all_sites(coordinator: Chatter) -> None:
    """
    There is no button for it, and its data are refused.
    """
    await coordinator.say("/invite")
    await coordinator.press("Coordinator")
    assert not any("All sites" in label for label in coordinator.labels)
    card = await coordinator.tap("iv:coordinator:0")
    assert "A coordinator works at single sites" in card.text
    assert not any("t.me" in text for text in said(coordinator))


async def test_roles_are_named_as_the_hospital_names_them(clinic: Clinic) -> None:
    """
    In French too, abbreviations as they are written.
    """
    admin = await clinic.coordinator("fr")
    await admin.say("/invite")
    assert admin.labels[:4] == [
        "Administrateur",
        "Coordinateur (ARC/TEC)",
        "Médecin investigateur",
        "Moniteur (ARC promoteur)",
    ]


async def test_an_invitation_can_be_revoked(clinic: Clinic, coordinator: Chatter) -> None:
    """
    It leaves the list and opens nothing.
    """
    code = await invite(coordinator)
    card = await coordinator.press("Revoke")
    assert "revoked" in card.text
    assert "No invitation is open." in card.text
    assert (await clinic.person(NEW).say(code)).text == REFUSAL
    assert [entry.new for entry in await trail(clinic) if entry.action == "invitation.revoke"] == ["revoked"]


async def test_an_administrator_of_one_site_offers_that_site_only(clinic: Clinic, coordinator: Chatter) -> None:
    """
    Not the others and not all of them; invitations to others are neither listed nor revoked.
    """
    lyon = await add_site(clinic)
    await invite(coordinator)
    local = await add_member(clinic, NEW, (PersonRole.ADMINISTRATOR, lyon))
    await local.say("/invite")
    assert "No invitation is open." in (await local.press("Open invitations")).text
    await local.say("/invite")
    await local.press("Monitor")
    assert [label for label in local.labels if "·" in label] == ["02 · Lyon"]
    assert not any("All sites" in label for label in local.labels)
    before = len(await trail(clinic))
    for data in ("iv:monitor:0", "iv:monitor:1", "iv:monitor:9", "iv:chief:2", "ir:2", "ir:99"):
        await local.tap(data)
    assert len(await trail(clinic)) == before
    assert not any("t.me" in text for text in said(local))


async def test_roles_are_added_and_removed_and_the_person_is_told(clinic: Clinic, coordinator: Chatter) -> None:
    """
    Both at once in force; the trail tells who, whom, old and new.
    """
    person = await join(clinic, coordinator, NEW, "Monitor", "01")
    await coordinator.say("/team")
    await coordinator.tap("m:person:2")
    await coordinator.press("Add a role")
    await coordinator.press("Investigator")
    await coordinator.press("All sites")
    assert "The role is added" in coordinator.card.text
    assert "You are now also investigator of all sites." in (await person.look()).text
    await coordinator.press("Remove: monitor of site 01")
    assert "You are no longer monitor of site 01." in said(person)[-1] + said(person)[-2]
    assert await roles_of(clinic, NEW) == {("investigator", None)}
    changes = [
        (entry.action, entry.actor, entry.role, entry.entity, entry.old, entry.new) for entry in await trail(clinic)
    ]
    assert changes[-2:] == [
        ("membership.add", 1, "administrator", "person 2", "monitor 01", "investigator all, monitor 01"),
        ("membership.remove", 1, "administrator", "person 2", "investigator all, monitor 01", "investigator all"),
    ]


async def test_a_role_taken_away_takes_what_it_showed_off_the_screen(clinic: Clinic, coordinator: Chatter) -> None:
    """
    The card with a case of that site is replaced; Return leads to what may still be seen.
    """
    lyon = await add_site(clinic)
    await skip(clinic, coordinator, "donor", until="relationship")
    person = await add_member(clinic, NEW, (PersonRole.MONITOR, 1), (PersonRole.MONITOR, lyon))
    assert "01-D-001" in (await person.say("/status 1-d-1")).text
    await coordinator.say("/team")
    await coordinator.tap("m:person:2")
    await coordinator.press("Remove: monitor of site 01")
    assert not any("01-D-001" in text for text in said(person))
    assert "No case in screening" in (await person.press("Return")).text


async def test_deactivation_takes_an_open_card_away_at_once(clinic: Clinic, coordinator: Chatter) -> None:
    """
    A line without any case data stands in its place; the next press and the next text are a stranger's.
    """
    person = await join(clinic, coordinator, NEW)
    await skip(clinic, person, "donor", until="relationship")
    old = person.card
    assert "01-D-001" in old.text
    await coordinator.say("/team")
    await coordinator.tap("pd:2")
    assert (said(person)[-1], person.labels) == (ENDED, [])
    assert not any("01-D-001" in text for text in said(person))
    before = len(await trail(clinic))
    assert old.buttons[0][0].data is not None
    assert (await person.tap(old.buttons[0][0].data, old)).text == REFUSAL
    assert (await person.say("/status 1-d-1")).text == REFUSAL
    assert len(await trail(clinic)) == before


async def test_deactivation_from_the_command_line_takes_it_away_too(clinic: Clinic, coordinator: Chatter) -> None:
    """
    Another program writes; the running bot sees it by itself.
    """
    person = await join(clinic, coordinator, NEW)
    await skip(clinic, person, "donor", until="relationship")
    other = Database(clinic.settings.database_url.get_secret_value())
    async with other.transaction() as session:
        audit.use_key(session, clinic.application.worker.audit_key)
        await people.deactivate(session, person_id=2, by=PROGRAM, now=clinic.application.worker.clock())
    await other.close()
    clinic.application.notifier.wake()
    await person.look()
    assert said(person)[-1] == ENDED
    assert not any("01-D-001" in text for text in said(person))


async def test_a_text_and_a_deactivation_at_once_leave_no_case_on_the_screen(
    clinic: Clinic, coordinator: Chatter
) -> None:
    """
    Whichever comes first, the line is what stands at the end.
    """
    person = await join(clinic, coordinator, NEW)
    await coordinator.say("/team")
    for _ in range(5):
        await skip(clinic, person, "recipient", until="mrss")
        clinic.api.send(NEW, "22")
        clinic.api.press(COORDINATOR, coordinator.card.id, "pd:2")
        await person.look()
        assert not any("01-R-" in text for text in said(person))
        await coordinator.tap("pr:2")
        await person.say("/start")


async def test_who_is_reactivated_has_the_roles_of_before(clinic: Clinic, coordinator: Chatter) -> None:
    """
    They are told, without being asked to accept again.
    """
    person = await join(clinic, coordinator, NEW)
    await coordinator.say("/team")
    await coordinator.tap("pd:2")
    assert "⏸ inactive" in coordinator.card.text
    await coordinator.press("Reactivate")
    assert "You have access again" in (await person.look()).text
    assert "Screening for" in (await person.press("Return")).text
    assert await roles_of(clinic, NEW) == {("coordinator", 1)}


async def test_the_last_administrator_stays(clinic: Clinic, coordinator: Chatter) -> None:
    """
    Neither their role nor they themselves can go while no other administers the site.
    """
    await coordinator.say("/team")
    await coordinator.tap("m:person:1")
    card = await coordinator.press("Remove: administrator")
    assert "A site would be left without an administrator" in card.text
    card = await coordinator.press("Deactivate")
    assert "A site would be left without an administrator" in card.text
    other = await join(clinic, coordinator, NEW, "Administrator", "01")
    await coordinator.say("/team")
    await coordinator.tap("m:person:1")
    card = await coordinator.press("Remove: administrator")
    assert "Screening for" in card.text
    assert not any("Team" in label for label in coordinator.labels)
    await other.say("/team")
    assert "A site would be left" in (await other.tap("pd:2")).text


async def test_an_administrator_who_shuts_themselves_out_sees_nothing_more(
    clinic: Clinic, coordinator: Chatter
) -> None:
    """
    Where another one is left.
    """
    await join(clinic, coordinator, NEW, "Administrator", "All sites")
    await coordinator.say("/team")
    await coordinator.tap("m:person:1")
    assert (await coordinator.press("Deactivate")).text == ENDED
    assert not coordinator.labels
    assert (await coordinator.say("/team")).text == REFUSAL


@pytest.mark.usefixtures("coordinator")
async def test_an_administrator_acts_only_where_they_administer(clinic: Clinic) -> None:
    """
    People of other sites are not listed and not to be reached; of people of both, only their own site's roles.
    """
    lyon = await add_site(clinic)
    local = await add_member(clinic, NEW, (PersonRole.ADMINISTRATOR, lyon))
    await add_member(clinic, 500, (PersonRole.MONITOR, 1))
    await add_member(clinic, 501, (PersonRole.MONITOR, 1), (PersonRole.COORDINATOR, lyon))
    text = (await local.say("/team")).text
    assert "P500" not in text
    assert "P501" in text
    before = len(await trail(clinic))
    for data in ("pd:1", "pd:3", "pd:4", "pr:4", "px:1", "rr:1", "rr:4", "rr:5", "ra:3:monitor:2", "ra:4:monitor:1"):
        await local.tap("m:role:4:monitor")
        await local.tap(data)
    await local.tap("m:role:4:monitor")
    await local.tap("ra:4:monitor:0")
    assert len(await trail(clinic)) == before
    assert "P500" not in (await local.tap("m:person:3")).text
    card = await local.tap("m:person:4")
    assert "here you can change only the roles of your sites" in card.text
    assert not any("Deactivate" in label for label in local.labels)
    await local.press("Remove: coordinator of site 02")
    assert await roles_of(clinic, 501) == {("monitor", 1)}


@pytest.mark.parametrize("screen", ["person:99", "person:" + "9" * 40, "person:x", "role:\u0663", "role:99:monitor:0"])
async def test_a_person_who_is_not_there_shows_the_team(coordinator: Chatter, screen: str) -> None:
    """
    Whatever a button says.
    """
    await coordinator.say("/team")
    assert "Team" in (await coordinator.tap(f"m:{screen}")).text


async def test_an_authenticator_is_reset_and_the_person_told(clinic: Clinic, coordinator: Chatter) -> None:
    """
    The button is there only where there is something to reset.
    """
    person = await join(clinic, coordinator, NEW, "Investigator", "01")
    await coordinator.say("/team")
    await coordinator.tap("m:person:2")
    assert not any("authenticator" in label for label in coordinator.labels)
    async with clinic.application.database.transaction() as session:
        session.add(Authenticator(person_id=2, secret="X"))
    await coordinator.tap("m:person:2")
    assert "The authenticator is reset" in (await coordinator.press("Reset the authenticator")).text
    assert "has reset your authenticator" in (await person.look()).text
    async with clinic.application.database.transaction() as session:
        assert not (await session.exec(select(Authenticator))).all()
    assert [entry.entity for entry in await trail(clinic) if entry.action == "person.authenticator_reset"] == [
        "person 2"
    ]


async def test_a_large_team_is_paged(clinic: Clinic, coordinator: Chatter) -> None:
    """
    Eight people a page, the inactive ones last.
    """
    for number in range(700, 712):
        await add_member(clinic, number, (PersonRole.MONITOR, 1), is_active=number != 700)
    assert "P701" in (await coordinator.say("/team")).text
    assert "P700" not in coordinator.card.text
    card = await coordinator.press("Next")
    assert "P711" in card.text
    assert card.text.endswith("monitor of site 01 · ⏸ inactive")
    await coordinator.press("Previous")
    assert "P701" in coordinator.card.text


async def test_who_has_not_accepted_is_marked(clinic: Clinic, coordinator: Chatter) -> None:
    """
    And hears of nothing but the note.
    """
    await clinic.person(NEW).say(f"/start {await invite(coordinator)}")
    assert "has not accepted the privacy note yet" in (await coordinator.say("/team")).text
    person = await person_of(clinic, NEW)
    assert person is not None
    await coordinator.tap(f"m:role:{person.id}:monitor")
    await coordinator.tap(f"ra:{person.id}:monitor:1")
    assert "Before you start" in (await clinic.person(NEW).look()).text
