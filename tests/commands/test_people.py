"""
`python -m bot people` and `sites`: whoever runs the server looks after people without the chat.
"""

import asyncio
from pathlib import Path

import pyotp
import pytest
from sqlmodel import col, select

from bot.__main__ import main
from bot.application import remind
from bot.commands import people, sites
from db.base.engine import Database
from db.base.tables import (
    AT_ONCE,
    AuditEntry,
    Authenticator,
    Case,
    Membership,
    Person,
    Site,
)
from tests.chat.staff import roles_of, said
from tests.commands.shell import Shell
from tests.conftest import Chatter, Clinic

NEW = 5_000_000_777


async def _newcomer(clinic: Clinic, bot: Shell, role: str = "coordinator") -> Chatter:
    code = (await bot.done(f"people invite {role}")).split()[1]
    person = clinic.person(NEW)
    await person.say(f"/start {code}")
    await person.press("Accept")
    return person


async def test_a_code_from_the_command_line_lets_somebody_in(clinic: Clinic, bot: Shell) -> None:
    """
    Before anybody is there; with the privacy note; and the trail names the program as the one who invited.
    """
    out = await bot.done("people invite administrator --all-sites")
    assert "/start " in out
    assert "administrator of all sites" in out
    person = clinic.person(NEW)
    card = await person.say(out.splitlines()[0])
    assert "Before you start" in card.text
    assert "Team" in "".join(await _labels(person, "Accept"))
    listed = await bot.done("people list")
    assert listed == f"1\ttelegram {NEW}\tTest\tadministrator all\n"
    async with clinic.application.database.transaction() as session:
        trail = (await session.exec(select(AuditEntry).where(AuditEntry.action == "invitation.create"))).one()
    assert (trail.actor, trail.new) == (None, "administrator all")


async def _labels(person: Chatter, label: str) -> list[str]:
    await person.press(label)
    return person.labels


@pytest.mark.usefixtures("coordinator")
async def test_roles_are_granted_and_revoked(clinic: Clinic, bot: Shell) -> None:
    """
    By the number that is listed or by Telegram's; the person is told in the chat.
    """
    person = await _newcomer(clinic, bot)
    assert await bot.done("sites add Lyon --time-zone Europe/Paris") == "site 02 is added: Lyon, Europe/Paris\n"
    await bot.done("people grant 2 investigator --all-sites")
    await bot.done(f"people grant {NEW} coordinator --site 2")
    assert await roles_of(clinic, NEW) == {("coordinator", 1), ("coordinator", 2), ("investigator", None)}
    clinic.application.notifier.wake()
    await person.look()
    assert any("You are now also coordinator of site 02." in text for text in said(person))
    assert "say --site N" in await bot.refused("people revoke 2 coordinator")
    await bot.done("people revoke 2 coordinator --site 1")
    await bot.done("people revoke 2 investigator")
    assert await roles_of(clinic, NEW) == {("coordinator", 2)}


@pytest.mark.usefixtures("coordinator")
@pytest.mark.parametrize("line", ["sites add Two", "people list", "audit anchor heads", "backup copy"])
async def test_another_audit_key_than_the_trails_is_refused(
    clinic: Clinic, bot: Shell, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, line: str
) -> None:
    """
    Nothing is sealed or signed with it: the trail verifies with its own, and the bot starts with that.
    """
    other = tmp_path / "other.key"
    other.write_text("ab" * 32, encoding="ascii")
    with monkeypatch.context() as patch:
        patch.setenv("AUDIT_KEY_FILE", str(other))
        status, out, err = await bot(line)
    assert (status, out) == (2, "")
    assert err == f"AUDIT_KEY_FILE: {other} holds another key than the trail's\n"
    assert "each as it was written" in await bot.done("audit verify")
    await clinic.restart()


@pytest.mark.usefixtures("coordinator")
async def test_a_person_is_shut_out_and_let_in_again(clinic: Clinic, bot: Shell) -> None:
    """
    The running bot needs no restart.
    """
    person = await _newcomer(clinic, bot)
    await bot.done("people deactivate 2")
    assert "by invitation" in (await person.say("/cases")).text
    assert ", inactive" in await bot.done("people list")
    assert "inactive already" in await bot.refused("people deactivate 2")
    await bot.done("people reactivate 2")
    assert "Cases" in (await person.say("/cases")).text or "No case" in person.card.text
    assert "active already" in await bot.refused("people reactivate 2")


@pytest.mark.usefixtures("coordinator")
async def test_an_authenticator_is_reset(clinic: Clinic, bot: Shell) -> None:
    """
    If there is one.
    """
    assert "has no authenticator" in await bot.refused("people reset-authenticator 1")
    async with clinic.application.database.transaction() as session:
        session.add(Authenticator(person_id=1, secret="X"))
    await bot.done("people reset-authenticator 1")
    async with clinic.application.database.transaction() as session:
        assert not (await session.exec(select(Authenticator))).all()


@pytest.mark.usefixtures("coordinator")
@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("people deactivate 1", "without an administrator"),
        ("people revoke 1 administrator", "without an administrator"),
        ("people revoke 1 monitor", "they hold: administrator all, coordinator 01"),
        ("people grant 1 administrator --site 1", "held there already"),
        ("people grant 1 coordinator --all-sites", "not at all of them"),
        ("people grant 1 monitor --site 9", "there is no site 9"),
        ("people grant 99 monitor", "there is no person 99"),
        ("people grant 0 monitor", "there is no person 0"),
        (f"people deactivate {2**40}", "there is no person"),
        (f"people deactivate {2**70}", "there is no person"),
        ("people invite coordinator --all-sites", "not at all of them"),
        ("people invite monitor --site 9", "there is no site 9"),
        ("sites add Nowhere --time-zone Mars/Base", "time zone"),
        ("sites add ' '", "1 to 60 characters"),
        ("sites set 1", "say what to set"),
        ("sites set 9 --weekdays 1", "there is no site 9"),
        ("sites set 1 --weekdays 12345", "is so already"),
        ("sites set 1 --weekdays 0", "1 is Monday"),
        ("sites set 1 --weekdays 11", "1 is Monday"),
        ("sites set 1 --weekdays Monday", "1 is Monday"),
        ("sites set 1 --quiet 19:00", "such as 19:00-08:00"),
        ("sites set 1 --quiet 19:00-24:00", "such as 19:00-08:00"),
        ("sites set 1 --quiet 7:00-8:00", "such as 19:00-08:00"),
        ("sites set 1 --time-zone Mars/Base", "time zone"),
        ("sites set 1 --name ' '", "1 to 60 characters"),
    ],
)
async def test_what_cannot_be_done_is_said_in_a_line(clinic: Clinic, bot: Shell, line: str, why: str) -> None:
    """
    With exit status 1, and nothing is changed.
    """
    database = clinic.application.database
    before = await _access(database)
    assert why in await bot.refused(line)
    assert await _access(database) == before


async def _access(database: Database) -> tuple[object, ...]:
    async with database.transaction() as session:
        people = [row.model_dump() for row in (await session.exec(select(Person))).all()]
        held = [row.model_dump() for row in (await session.exec(select(Membership))).all()]
        sites = [row.model_dump() for row in (await session.exec(select(Site))).all()]
        return people, held, sites, len((await session.exec(select(AuditEntry))).all())


async def test_a_site_is_named_where_there_are_several(clinic: Clinic, bot: Shell) -> None:
    """
    With one it is that one.
    """
    assert clinic.setup_code
    assert "monitor of site 01" in await bot.done("people invite monitor")
    await bot.done("sites add Lyon")
    assert "say --site N or --all-sites" in await bot.refused("people invite monitor")
    assert "monitor of site 02" in await bot.done("people invite monitor --site 2")
    usual = "Europe/Paris\tquiet 19:00-08:00\tweekdays 12345\told after off"
    assert await bot.done("sites list") == f"01\tSite 01\t{usual}\n02\tLyon\t{usual}\n"


async def test_a_site_sets_when_its_people_may_be_reminded(clinic: Clinic, bot: Shell) -> None:
    """
    What is not said stays; each change is in the trail with what was before.
    """
    assert clinic.setup_code
    said = await bot.done("sites set 1 --quiet 12:30-06:15 --weekdays 7135")
    assert said == "01\tSite 01\tEurope/Paris\tquiet 12:30-06:15\tweekdays 1357\told after off\n"
    said = await bot.done("sites set 1 --name Cayenne --time-zone America/Cayenne --quiet 00:00-00:00")
    assert said == "01\tCayenne\tAmerica/Cayenne\tnever quiet\tweekdays 1357\told after off\n"
    assert await bot.done("sites list") == said
    async with clinic.application.database.transaction() as session:
        query = select(AuditEntry).where(AuditEntry.action == "site.change").order_by(col(AuditEntry.sequence))
        trail = [(one.field, one.old, one.new) for one in (await session.exec(query)).all()]
    assert trail == [
        ("quiet_from", "19:00", "12:30"),
        ("quiet_until", "08:00", "06:15"),
        ("weekdays", "12345", "1357"),
        ("name", "Site 01", "Cayenne"),
        ("time_zone", "Europe/Paris", "America/Cayenne"),
        ("quiet_from", "12:30", "00:00"),
        ("quiet_until", "06:15", "00:00"),
    ]


async def test_a_site_sets_after_how_many_days_results_are_old(clinic: Clinic, bot: Shell) -> None:
    """
    By examination, off until it is said and when it is unsaid; each change is in the trail.
    """
    said = await bot.done("sites set 1 --old-after lung_function=90,laboratory=30")
    assert said.endswith("\told after laboratory=30,lung_function=90\n")
    assert "is so already" in await bot.refused("sites set 1 --old-after laboratory=30,lung_function=90")
    assert (await bot.done("sites set 1 --name Lille --old-after off")).endswith("\told after off\n")
    async with clinic.application.database.transaction() as session:
        query = select(AuditEntry).where(AuditEntry.field == "old_after").order_by(col(AuditEntry.sequence))
        trail = [(one.old, one.new) for one in (await session.exec(query)).all()]
    set_to = '{"laboratory": 30, "lung_function": 90}'
    assert trail == [("{}", set_to), (set_to, "{}")]


@pytest.mark.parametrize("days", ["laboratory", "laboratory=0", "laboratory=x", "blood=3", "", "clinic=1,clinic=2"])
async def test_days_that_are_none_are_refused(bot: Shell, days: str) -> None:
    """
    With the form and the examinations that there are.
    """
    said = await bot.refused(f"sites set 1 --old-after '{days}'")
    assert "laboratory=30,lung_function=90 or off" in said
    assert "echocardiography" in said


@pytest.mark.usefixtures("coordinator")
async def test_another_time_zone_has_every_reminder_worked_out_anew(clinic: Clinic, bot: Shell) -> None:
    """
    A wait that began at midnight there began on another day here.
    """
    await clinic.person().say("/new donor")
    await remind(clinic.application.worker)
    async with clinic.application.database.transaction() as session:
        (await session.exec(select(Case))).one().remind_on = None
    await bot.done("sites set 1 --weekdays 1")
    async with clinic.application.database.transaction() as session:
        assert (await session.exec(select(Case.remind_on))).all() == [None]
    await bot.done("sites set 1 --time-zone Pacific/Auckland")
    async with clinic.application.database.transaction() as session:
        assert (await session.exec(select(Case.remind_on))).all() == [AT_ONCE]


async def test_the_setup_code_outlives_the_command_line(clinic: Clinic, bot: Shell) -> None:
    """
    Commands do not replace the code that the running bot has printed.
    """
    assert "setup code" in await bot.done("people list")
    await bot.done("people invite monitor")
    assert (await clinic.coordinator()).card.buttons


@pytest.mark.parametrize(
    ("command", "action"), [*(("people", one) for one in people.ACTIONS), *(("sites", one) for one in sites.ACTIONS)]
)
def test_every_action_explains_itself(capsys: pytest.CaptureFixture[str], command: str, action: str) -> None:
    """
    Each that is carried out can be asked for, with help; and wherever a person is named, it is said how.
    """
    with pytest.raises(SystemExit, match="0"):
        main([command, action, "--help"])
    shown = " ".join(capsys.readouterr().out.split())
    assert f"bot {command} {action}" in shown
    assert ("PERSON is the number that `people list` shows first" in shown) == ("PERSON" in shown)


@pytest.mark.usefixtures("coordinator")
async def test_an_authenticator_is_set_up_in_the_servers_terminal(
    clinic: Clinic, bot: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    """
    The QR code is printed there, and the app's first code typed: nothing of it passes through the chat.
    """
    typed: list[str] = []
    loop = asyncio.get_running_loop()

    def ask(_: str) -> str:
        code = pyotp.TOTP(asyncio.run_coroutine_threadsafe(_secret(clinic), loop).result()).now()
        typed.append("000000" if not typed and code != "000000" else f"{code[:3]} {code[3:]}")
        return typed[-1]

    monkeypatch.setattr("builtins.input", ask)
    out = await bot.done("people enrol 1")
    assert len(typed) == 2
    assert await _secret(clinic) in out
    assert "█" in out
    assert "Not the right code." in out
    assert "The app is set up" in out
    assert "has an authenticator" in await bot.refused("people enrol 1")
    await bot.done("people reset-authenticator 1")

    def end(_: str) -> str:
        raise EOFError

    monkeypatch.setattr("builtins.input", end)
    status, _, err = await bot("people enrol 1")
    assert (status, err) == (1, "no code was typed: the app is not set up\n")


async def _secret(clinic: Clinic) -> str:
    async with clinic.application.database.transaction() as session:
        return (await session.exec(select(Authenticator.secret))).one()
