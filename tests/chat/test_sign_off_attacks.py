"""
Attempts to sign, include or come in without the right to: by old cards, borrowed buttons, codes in the wrong place.
"""

import logging

import pytest
import sqlalchemy
from sqlalchemy import column
from sqlmodel import SQLModel, col, delete, select, update

from bot.emulator.chat import Message
from bot.rules.protocol import Kind
from bot.rules.versions import LATEST
from bot.taps import Decide, decode
from db.base.tables import (
    Authenticator,
    DecisionKind,
    InboxUpdate,
    Membership,
    Notice,
    Person,
    PersonRole,
    Site,
    Stage,
)
from db.base.types import UtcDateTime
from db.cases import cases
from db.trail import audit
from db.trail.audit import Actor
from db.upkeep import facts
from tests.chat.conversation import all_cases, data, find, open_case, skip, trail, typed
from tests.chat.staff import add_member, add_site, invite
from tests.chat.test_decisions import (
    INVESTIGATOR,
    NOW,
    OTHER,
    change,
    code,
    decided,
    enrol,
    sign,
    staff,
    stages,
)
from tests.conftest import Chatter, Clinic


async def family(clinic: Clinic, coordinator: Chatter) -> None:
    """
    A recipient with two donors of as many answers, the first of them chosen.
    """
    await skip(clinic, coordinator, "recipient")
    for number in (1, 2):
        await skip(clinic, coordinator, "donor")
        await coordinator.say(f"/link 01-R-001 01-D-00{number}")
    await coordinator.press("Choose 01-D-001")


async def lose(clinic: Clinic, user_id: int, role: PersonRole, *, instead_at: int | None = None) -> None:
    """
    Take a role away, or give it at another site instead, as an administrator's commit would have it.
    """
    async with clinic.application.database.transaction() as session:
        whose = select(Person.id).where(Person.telegram_id == user_id).scalar_subquery()
        which = (col(Membership.person_id) == whose) & (col(Membership.role) == role)
        if instead_at is None:
            await session.exec(delete(Membership).where(which))
            session.add(
                Membership(
                    person_id=(await session.exec(select(Person.id).where(Person.telegram_id == user_id))).one(),
                    role="monitor",
                    site_id=1,
                )
            )
        else:
            await session.exec(update(Membership).where(which).values(site_id=instead_at))


async def test_a_code_does_not_sign_a_donor_chosen_since(
    clinic: Clinic, coordinator: Chatter, investigator: Chatter
) -> None:
    """
    Another donor with as many answers has been chosen while the investigator read: the code signs nothing, and the card
    shows the new pair.
    """
    await family(clinic, coordinator)
    await investigator.say("/decide 01-R-001")
    card = await investigator.press("Sign the pair")
    assert "01-D-001" in card.text
    await coordinator.say("/pair 01-R-001")
    await coordinator.press("Choose 01-D-002")
    card = await investigator.say(await code(clinic, INVESTIGATOR))
    assert set((await stages(clinic)).values()) == {"screening"}
    assert "01-D-002" in card.text
    await investigator.say(await code(clinic, INVESTIGATOR))
    assert await stages(clinic) == {"01-R-001": "signed", "01-D-001": "screening", "01-D-002": "signed"}


async def test_an_old_button_does_not_include_a_donor_chosen_since(
    clinic: Clinic, coordinator: Chatter, investigator: Chatter
) -> None:
    """
    Both donors are signed; the button that was shown for the one does not include the other.
    """
    await family(clinic, coordinator)
    for named in ("01-R-001", "01-D-001", "01-D-002"):
        await sign(clinic, investigator, f"/sign {named}")
    await investigator.say("/decide 01-R-001")
    await investigator.press("Include")
    old = next(one for one in data(investigator.card) if isinstance(decode(one), Decide))
    await coordinator.say("/pair 01-R-001")
    await coordinator.press("Choose 01-D-002")
    card = await investigator.tap(old)
    assert set((await stages(clinic)).values()) == {"signed"}
    assert "01-D-002" in card.text
    await investigator.press("Include the pair")
    assert await stages(clinic) == {"01-R-001": "included", "01-D-001": "signed", "01-D-002": "included"}


async def test_a_query_is_not_dismissed_for_an_age_that_was_not_shown(clinic: Clinic, coordinator: Chatter) -> None:
    """
    The recipient's age, which the donor's query speaks of, has changed since the card asked for the reason.
    """
    other = await staff(clinic, OTHER, PersonRole.COORDINATOR)
    await skip(clinic, coordinator, "recipient")
    await skip(clinic, coordinator, "donor", relationship="parent", age="50")
    await coordinator.say("/link 01-R-001 01-D-001")
    await other.say("/decide 01-D-001")
    await other.press("Dismiss a query")
    await other.press("Dismiss Q9")
    await change(coordinator, "01-R-001", "Person", "Age", "47")
    await other.press("Clinically explained")
    assert await decided(clinic) == []
    await other.press("Clinically explained")
    assert [one.kind for one in await decided(clinic)] == [DecisionKind.QUERY_DISMISSED]


async def test_whoever_loses_the_role_before_the_code_signs_nothing(
    clinic: Clinic, coordinator: Chatter, investigator: Chatter
) -> None:
    """
    The card still says that a code signs; it does not, and it is not taken for anything else.
    """
    await skip(clinic, coordinator, "donor")
    await investigator.say("/sign 01-D-001")
    await lose(clinic, INVESTIGATOR, PersonRole.INVESTIGATOR)
    before = len(await trail(clinic))
    card = await investigator.say(await code(clinic, INVESTIGATOR))
    assert "it was not stored" in card.text
    assert await decided(clinic) == []
    assert len(await trail(clinic)) == before


async def test_a_case_moved_out_of_sight_is_neither_signed_nor_told_of(
    clinic: Clinic, coordinator: Chatter, investigator: Chatter
) -> None:
    """
    The investigator now works at another site: the code signs nothing, the old buttons lead nowhere, and when the
    sign-off given before falls, they do not hear of it.
    """
    elsewhere = await add_site(clinic)
    await skip(clinic, coordinator, "donor")
    await skip(clinic, coordinator, "donor")
    await sign(clinic, investigator, "/sign 01-D-001")
    await investigator.say("/sign 01-D-002")
    old = data(investigator.card)
    await lose(clinic, INVESTIGATOR, PersonRole.INVESTIGATOR, instead_at=elsewhere)
    await investigator.say(await code(clinic, INVESTIGATOR))
    for one in old:
        card = await investigator.tap(one)
        assert "01-D-" not in card.text
    assert (await stages(clinic))["01-D-002"] == "screening"
    await change(coordinator, "01-D-001", "Person", "Age", "46")
    assert (await stages(clinic))["01-D-001"] == "screening"
    async with clinic.application.database.transaction() as session:
        assert (await session.exec(select(Notice).where(Notice.key == "notice.voided"))).all() == []


async def test_an_investigators_buttons_do_nothing_in_a_coordinators_hand(
    clinic: Clinic, coordinator: Chatter, investigator: Chatter
) -> None:
    """
    Every button of every card that the investigator was shown, pressed by the coordinator with the right code typed
    after each: no sign-off, no inclusion, nothing withdrawn.
    """
    await family(clinic, coordinator)
    await skip(clinic, coordinator, "donor", lidocaine_allergy=True)
    shown: list[str] = []

    async def see(*steps: str) -> None:
        for step in steps:
            card = await (investigator.say(step) if step.startswith("/") else investigator.press(step))
            shown.extend(data(card))

    await see("/authenticator", "/decide 01-R-001", "Sign the pair", "/sign 01-R-001", "/sign 01-D-001")
    await see("/decide 01-D-003", "Sign: screen failure", "D-E1", "Today")
    for named in ("01-D-001", "01-R-001"):
        await sign(clinic, investigator, f"/sign {named}")
    await see("/decide 01-D-001", "Withdraw the sign-off", "/decide 01-R-001", "Include")
    before = [one.id for one in await decided(clinic)]
    thief = await staff(clinic, OTHER, PersonRole.COORDINATOR)
    for named in await all_cases(clinic):
        await thief.say(f"/status {named}")
        for one in shown:
            await thief.tap(one)
            await thief.say(await code(clinic, INVESTIGATOR))
    kinds = {one.kind for one in await decided(clinic) if one.id not in before}
    assert not kinds & {DecisionKind.SIGNED, DecisionKind.SCREEN_FAILURE, DecisionKind.VOIDED, DecisionKind.INCLUDED}


async def test_an_update_handed_over_again_signs_once(
    clinic: Clinic, coordinator: Chatter, investigator: Chatter
) -> None:
    """
    The code's message comes a second and a third time, before and after a restart: one decision, one use of the code.
    """
    await skip(clinic, coordinator, "donor")
    await investigator.say("/sign 01-D-001")
    update_ = typed(investigator, await code(clinic, INVESTIGATOR))
    await investigator.look()
    assert await stages(clinic) == {"01-D-001": "signed"}
    update_["update_id"] = await last_update(clinic)
    await clinic.application.worker.receive([update_])
    await investigator.look()
    await clinic.restart()
    await clinic.application.worker.receive([update_])
    await investigator.look()
    assert len(await decided(clinic)) == 1
    actions = [entry.action for entry in await trail(clinic)]
    assert actions.count("authenticator.right") == 2, "one to set the app up, one to sign"


async def last_update(clinic: Clinic) -> int:
    """
    The newest update that was received.
    """
    async with clinic.application.database.transaction() as session:
        query = select(InboxUpdate.update_id).order_by(col(InboxUpdate.update_id).desc()).limit(1)
        return (await session.exec(query)).one()


WRONG_PLACES = (
    *("/start", "/cases", "/help", "/find incomplete", "/whatif 01-D-001 age=50", "/reminders", "/pair 01-D-001"),
    *("/decide 01-D-001", "/history 01-D-001", "/status 01-D-001", "/language", "/agenda", "/authenticator"),
)


async def test_a_code_typed_in_the_wrong_place_is_kept_nowhere(
    clinic: Clinic, coordinator: Chatter, caplog: pytest.LogCaptureFixture
) -> None:
    """
    On any screen, as a reason, as an argument, by somebody who screens as well: neither in the database, nor in the
    log, nor left in the chat; it does nothing, and is still good where it belongs.
    """
    caplog.set_level(logging.DEBUG)
    clinic.now = NOW
    person = await staff(clinic, INVESTIGATOR, PersonRole.INVESTIGATOR, PersonRole.COORDINATOR)
    await enrol(clinic, person)
    await skip(clinic, coordinator, "donor", until="positive_pcr")
    secret = await code(clinic, INVESTIGATOR)
    for place in WRONG_PLACES:
        await person.say(place)
        await person.say(secret)
        await person.say(f"{secret[:3]} {secret[3:]}")
    await person.say("/resume 01-D-001")
    await person.say(secret)
    await person.say("/decide 01-D-001")
    await person.press("Withdrawal")
    await person.press("Today")
    card = await person.say(secret)
    assert "That is a code" in card.text
    for command in ("/sign", "/decide", "/start", "/new", "/infused", "/find"):
        await person.say(f"{command} {secret}")
    await clinic.stop()
    await clinic.start()
    assert await decided(clinic) == []
    await is_nowhere(clinic, secret)
    assert not any(secret in message.text for message in person.api.chat(INVESTIGATOR))
    assert secret not in logged(caplog)
    await coordinator.say("/resume 01-D-001")
    await coordinator.press("None of these")
    await person.say("/sign 01-D-001")
    await person.say(secret)
    assert await stages(clinic) == {"01-D-001": "signed"}
    await is_nowhere(clinic, secret)
    assert secret not in logged(caplog)


async def is_nowhere(clinic: Clinic, secret: str, *but: str) -> None:
    """
    No row of any table holds this text, but in these tables. The digits of a moment or of a seal do not count.
    """
    async with clinic.application.database.engine.connect() as connection:
        for table in SQLModel.metadata.sorted_tables:
            if table.name not in but:
                names = [one.name for one in table.c if one.name != "seal" and not isinstance(one.type, UtcDateTime)]
                rows = (await connection.execute(sqlalchemy.select(*map(column, names)).select_from(table))).all()
                assert not any(secret in str(value) for row in rows for value in row), table.name


def logged(caplog: pytest.LogCaptureFixture) -> str:
    """
    What the program itself has logged; libraries are not let to at any level.
    """
    return "\n".join(one.getMessage() for one in caplog.records if one.name.partition(".")[0] in {"bot", "db"})


async def test_secrets_stay_where_they_belong(
    clinic: Clinic, coordinator: Chatter, caplog: pytest.LogCaptureFixture
) -> None:
    """
    The setup code and invitations are stored as hashes only, used or not, right or wrong; the app's key in its one
    row; none of them is logged, or left in the chat of whoever used it.
    """
    caplog.set_level(logging.DEBUG)
    clinic.now = NOW
    invited = await invite(coordinator)
    newcomer = clinic.person(OTHER)
    await newcomer.say(f"/start {invited}")
    await newcomer.press("Accept")
    unused = await invite(coordinator)
    await newcomer.say(unused)
    stranger = clinic.person(666)
    await stranger.say(f"/start {unused[::-1]}")
    person = await staff(clinic, INVESTIGATOR, PersonRole.INVESTIGATOR)
    await person.say("/authenticator")
    await person.press("Show the QR code")
    async with clinic.application.database.transaction() as session:
        key = (await session.exec(select(Authenticator))).one().secret
    await person.say(await code(clinic, INVESTIGATOR))
    await clinic.restart()
    assert clinic.setup_code is not None
    for secret in (clinic.setup_code, invited, unused, unused[::-1]):
        await is_nowhere(clinic, secret)
    await is_nowhere(clinic, key, "authenticators")
    for secret in (clinic.setup_code, invited, unused, key):
        assert secret not in logged(caplog)
    own = [message.text for one in (newcomer, person) for message in one.api.chat(one.user_id)]
    assert not any(secret in line for secret in (invited, unused, key) for line in own)


async def test_the_picture_can_be_left(clinic: Clinic, coordinator: Chatter) -> None:
    """
    From the QR code back to the case, without a code: the picture goes, and a new one has a new key.
    """
    clinic.now = NOW
    person = await staff(clinic, INVESTIGATOR, PersonRole.INVESTIGATOR)
    await skip(clinic, coordinator, "donor")
    await person.say("/sign 01-D-001")
    await person.press("Set up the authenticator app")
    card = await person.press("Show the QR code")
    assert card.file is not None
    await person.press("Return to 01-D-001")
    assert "01-D-001" in person.card.text
    assert not any(message.file for message in person.api.chat(INVESTIGATOR))


async def test_who_signs_also_screens_and_signs_as_an_investigator(clinic: Clinic, coordinator: Chatter) -> None:
    """
    Somebody who is both: sign-off, its withdrawal, inclusion and its undoing stand in the record as an investigator's.
    """
    clinic.now = NOW
    person = await staff(clinic, INVESTIGATOR, PersonRole.INVESTIGATOR, PersonRole.COORDINATOR)
    await enrol(clinic, person)
    await family(clinic, coordinator)
    for named in ("01-D-001", "01-R-001"):
        await sign(clinic, person, f"/sign {named}")
    await person.say("/decide 01-D-001")
    await person.press("Withdraw the sign-off")
    await person.press("Signed by mistake")
    await sign(clinic, person, "/sign 01-D-001")
    await person.say("/decide 01-R-001")
    await person.press("Include")
    await person.press("Include the pair")
    await person.say("/decide 01-R-001")
    await person.press("Undo the inclusion")
    await person.press("New information")
    found = [(one.kind, one.role) for one in await decided(clinic)][1:]
    assert {role for _, role in found} == {PersonRole.INVESTIGATOR}
    assert {kind for kind, _ in found} == {"signed", "voided", "included", "unincluded"}


async def included(clinic: Clinic, coordinator: Chatter, investigator: Chatter) -> None:
    """
    A pair that has been signed and included.
    """
    await family(clinic, coordinator)
    for named in ("01-D-001", "01-R-001"):
        await sign(clinic, investigator, f"/sign {named}")
    await investigator.say("/decide 01-R-001")
    await investigator.press("Include")
    await investigator.press("Include the pair")


async def take(person: Chatter, named: str, *steps: str) -> Message:
    """
    Go through these steps of what can be decided about a case.
    """
    card = await person.say(f"/decide {named}")
    for step in steps:
        card = await person.press(step)
    return card


async def verify(clinic: Clinic) -> None:
    """
    Raises where what is stored is not what the trail tells.
    """
    async with clinic.application.database.snapshot() as session:
        await facts.verify(session, key=clinic.application.worker.audit_key)


async def of_pair(clinic: Clinic) -> list[str]:
    """
    The stages of the recipient and the donor of that pair.
    """
    found = await stages(clinic)
    return [found[named] for named in ("01-R-001", "01-D-001")]


async def test_a_correction_after_the_inclusion_is_signed_and_nobody_leaves_the_trial(
    clinic: Clinic, coordinator: Chatter, investigator: Chatter
) -> None:
    """
    The sign-off falls with the answer, the inclusion stays, before and after the new sign-off.
    """
    await included(clinic, coordinator, investigator)
    await change(coordinator, "01-R-001", "Person", "Age", "46")
    assert (await stages(clinic))["01-R-001"] == "included"
    await sign(clinic, investigator)
    found = (await all_cases(clinic))["01-R-001"]
    assert (found.stage, found.sign_off is not None) == (Stage.INCLUDED, True)


async def test_whoever_is_included_is_no_screen_failure(
    clinic: Clinic, coordinator: Chatter, investigator: Chatter
) -> None:
    """
    If a correction excludes them, the inclusion is taken back first; no button and no old screen signs a failure.
    """
    await included(clinic, coordinator, investigator)
    await change(coordinator, "01-D-001", "Person", "Age", "66")
    await investigator.say("/decide 01-D-001")
    assert not any("screen failure" in label for label in investigator.labels)
    await investigator.tap("g:2:failure:D-I1:2026-05-04")
    await investigator.say(await code(clinic, INVESTIGATOR))
    assert (await stages(clinic))["01-D-001"] == "included"
    await investigator.say("/decide 01-D-001")
    await investigator.press("Undo the inclusion")
    await investigator.press("New information")
    assert await of_pair(clinic) == ["signed", "screening"]
    await investigator.say("/decide 01-D-001")
    assert any("screen failure" in label for label in investigator.labels)


@pytest.mark.parametrize("named", ["01-R-001", "01-D-001"])
async def test_an_inclusion_is_undone_for_both(
    clinic: Clinic, coordinator: Chatter, investigator: Chatter, named: str
) -> None:
    """
    From either of them; then the pair can be included anew, and the trail tells all of it.
    """
    await included(clinic, coordinator, investigator)
    other = "01-D-001" if named == "01-R-001" else "01-R-001"
    assert f"undone for {other} too" in (await take(investigator, named, "Undo the inclusion")).text
    card = await investigator.press("Included by mistake")
    assert "The inclusion is undone" in card.text
    assert "Inclusion undone (Included by mistake)" in (await investigator.say(f"/history {other}")).text
    assert await of_pair(clinic) == ["signed", "signed"]
    assert {one.included_at for one in (await all_cases(clinic)).values()} == {None}
    await take(investigator, "01-R-001", "Include", "Include the pair")
    assert await of_pair(clinic) == ["included", "included"]
    await verify(clinic)


async def test_an_inclusion_is_undone_for_whoever_is_left(
    clinic: Clinic, coordinator: Chatter, investigator: Chatter
) -> None:
    """
    A donor who has withdrawn since stays so, counts no more, and does not come back as included.
    """
    await included(clinic, coordinator, investigator)
    await take(coordinator, "01-D-001", "Death", "Today", "Yes, store it")
    await take(investigator, "01-R-001", "Undo the inclusion", "New information")
    assert await of_pair(clinic) == ["screening", "withdrawn"]
    assert {one.included_at for one in (await all_cases(clinic)).values()} == {None}
    await take(coordinator, "01-D-001", "Take up again", "Ended by mistake")
    assert await of_pair(clinic) == ["screening", "signed"]
    await verify(clinic)


async def test_an_inclusion_is_undone_for_its_own_pair_alone(
    clinic: Clinic, coordinator: Chatter, investigator: Chatter
) -> None:
    """
    The donor is another recipient's by now: nothing that happens to the first one touches that pair.
    """
    await included(clinic, coordinator, investigator)
    await take(coordinator, "01-R-001", "Lost to follow-up", "Today", "Cannot be reached")
    await take(investigator, "01-D-001", "Undo the inclusion", "New information")
    await coordinator.say("/unlink 01-R-001 01-D-001")
    await skip(clinic, coordinator, "recipient")
    await coordinator.say("/link 01-R-002 01-D-001")
    await coordinator.press("Choose 01-D-001")
    for named in ("01-R-002", "01-D-001"):
        if (await stages(clinic))[named] != "signed":
            await sign(clinic, investigator, f"/sign {named}")
    await take(investigator, "01-R-002", "Include", "Include the pair")
    await take(coordinator, "01-R-001", "Take up again", "Ended by mistake")
    found = await stages(clinic)
    assert (found["01-R-002"], found["01-D-001"]) == ("included", "included")
    assert found["01-R-001"] == "screening"
    await investigator.say("/decide 01-R-001")
    assert "Undo the inclusion" not in investigator.labels
    await verify(clinic)


async def test_a_card_of_before_undoes_no_inclusion(
    clinic: Clinic, coordinator: Chatter, investigator: Chatter
) -> None:
    """
    Why a lost case is taken up was asked; somebody else has taken it up meanwhile.
    """
    await included(clinic, coordinator, investigator)
    await take(coordinator, "01-D-001", "Lost to follow-up", "Today", "Cannot be reached")
    await take(investigator, "01-D-001", "Take up again")
    await take(coordinator, "01-D-001", "Take up again", "Ended by mistake")
    await investigator.press("Ended by mistake")
    assert await of_pair(clinic) == ["included", "included"]


async def test_whoever_is_infused_stays_included(clinic: Clinic, coordinator: Chatter, investigator: Chatter) -> None:
    """
    Nor does the donor leave: on no card, and by no old button.
    """
    await included(clinic, coordinator, investigator)
    card = await take(investigator, "01-R-001", "Undo the inclusion")
    old = find(card, lambda tap: isinstance(tap, Decide) and tap.reason == "mistake")
    assert old is not None
    await coordinator.say(f"/infused 01-R-001 {NOW:%d/%m/%Y}")
    await coordinator.press("Yes, store it")
    await investigator.tap(old, card)
    for named in ("01-R-001", "01-D-001"):
        await investigator.say(f"/decide {named}")
        assert "Withdrawal" in investigator.labels
        assert "Undo the inclusion" not in investigator.labels
    assert await of_pair(clinic) == ["included", "included"]


async def test_an_included_case_ended_by_mistake_is_included_still(
    clinic: Clinic, coordinator: Chatter, investigator: Chatter
) -> None:
    """
    Twice over; but an inclusion that was taken back does not come again by an end undone.
    """
    await included(clinic, coordinator, investigator)

    async def decide(*steps: str) -> str:
        await take(investigator, "01-R-001", *steps)
        return (await stages(clinic))["01-R-001"]

    for _ in range(2):
        assert await decide("Lost to follow-up", "Today", "Cannot be reached") == "lost"
        assert await decide("Take up again", "Ended by mistake") == "included"
    assert await decide("Undo the inclusion", "New information") == "signed"
    assert await decide("Death", "Today", "Yes, store it") == "withdrawn"
    assert await decide("Take up again", "Ended by mistake") == "signed"


async def test_a_recipient_and_a_donor_of_two_sites_are_not_linked(clinic: Clinic, coordinator: Chatter) -> None:
    """
    Not even by somebody who works at both: whoever sees the one would learn of the other.
    """
    site_id = await add_site(clinic)
    await open_case(coordinator, "recipient")
    async with clinic.application.database.transaction() as session:
        audit.use_key(session, clinic.application.worker.audit_key)
        site = await session.get_one(Site, site_id)
        now = clinic.application.worker.clock()
        await cases.open_new(session, kind=Kind.DONOR, site=site, protocol=LATEST, by=Actor(1), now=now)
    both = await add_member(clinic, OTHER, (PersonRole.COORDINATOR, 1), (PersonRole.COORDINATOR, site_id))
    card = await both.say("/link 01-R-001 02-D-001")
    assert "02-D-001 is at another site" in card.text
    await both.say("/link 01-R-001")
    assert not any("02-D-001" in label for label in both.labels)
    assert [case.links for case in (await all_cases(clinic)).values()] == [0, 0]


async def test_a_linked_donor_is_not_discarded(clinic: Clinic, coordinator: Chatter) -> None:
    """
    A donor who was just opened from the recipient's card and has no answer yet: /cancel puts them aside, and the link
    can be undone; then /cancel discards them.
    """
    await skip(clinic, coordinator, "recipient", until="mrss")
    await coordinator.say("/pair 01-R-001")
    await coordinator.press("New donor")
    await coordinator.say("/cancel")
    assert await stages(clinic) == {"01-R-001": "screening", "01-D-001": "screening"}
    await coordinator.say("/unlink 01-R-001 01-D-001")
    await coordinator.say("/resume 01-D-001")
    await coordinator.say("/cancel")
    assert (await stages(clinic))["01-D-001"] == "discarded"
    assert [case.links for case in (await all_cases(clinic)).values()] == [0, 0]
