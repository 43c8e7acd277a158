"""
A small trial from the first answer to a visit, through the real application: what every way of running it must bear.
"""

from datetime import UTC, datetime, timedelta

from bot.application import remind
from db.base.tables import PersonRole
from tests.chat.conversation import RECIPIENT, go_on, screen, skip, stored, typed
from tests.chat.test_decisions import (
    INVESTIGATOR,
    change,
    code,
    enrol,
    staff,
    stages,
)
from tests.conftest import Chatter, Clinic

FIRST, SECOND, IF, REMARK, WITHDRAWN = "53.1257", "54.3759", "55.6253", "adverse_event", "quokkahabitat"
TYPED = (FIRST, SECOND, IF, REMARK, WITHDRAWN)
"""What is typed or chosen meanwhile, and looks like nothing else."""

BEGUN = datetime(2026, 5, 4, 8, tzinfo=UTC)
INFUSED = datetime(2026, 5, 12, 8, tzinfo=UTC)
VISIT_DAY = datetime(2026, 8, 12, 8, tzinfo=UTC)


async def hold(clinic: Clinic) -> None:
    """
    A recipient and a donor are screened, corrected, asked about in every way, linked, signed and included; one is
    infused and seen, another one withdrawn. The bot is restarted in between, and updates come twice.
    """
    clinic.now = BEGUN
    person = await clinic.coordinator()
    investigator = await staff(clinic, INVESTIGATOR, PersonRole.INVESTIGATOR)
    await enrol(clinic, investigator)
    await _screen_a_pair(clinic, person)
    await _ask(clinic, person)
    await _include(clinic, person, investigator)
    await _follow(clinic, person)
    await _end_another(clinic, person)
    assert [row.value for row in await stored(clinic, "01-R-001") if row.item == "dlco"] == [FIRST, SECOND]


async def _screen_a_pair(clinic: Clinic, person: Chatter) -> None:
    """
    A recipient answer by answer, of which one is corrected, and a donor; one update comes three times.
    """
    await screen(person, "recipient", until="lvef", dlco=FIRST)
    update = typed(person, "61")
    number = person.api.waiting[-1]["update_id"]
    await person.look()
    person.api.put({"update_id": number, **update})
    await clinic.restart()
    person.api.put({"update_id": number, **update})
    await person.look()
    await go_on(person, "recipient", RECIPIENT)
    assert [row.value for row in await stored(clinic, "01-R-001") if row.item == "lvef"] == ["61"]
    card = await change(person, "01-R-001", "Lung", "DLCO", SECOND)
    assert FIRST in card.text
    assert SECOND in card.text
    await skip(clinic, person, "donor")
    assert "🟢" in person.card.text


async def _ask(clinic: Clinic, person: Chatter) -> None:
    """
    Everything that reads: summary, dashboard, search, reasoning, history, what-if, report.
    """
    assert "01-R-001" in (await person.say("/status 01-R-001")).text
    await person.say("/find recipient")
    assert any("01-R-001" in label for label in person.labels)
    assert SECOND in (await person.say("/why 01-R-001 R-I3a")).text
    history = (await person.say("/history 01-R-001")).text
    assert f"{FIRST} % predicted → {SECOND} % predicted" in history
    assert IF in (await person.say(f"/whatif 01-R-001 dlco={IF}")).text
    await clinic.restart()
    assert IF in (await person.look()).text
    await person.say("/report 01-R-001")
    report = next(message.file for message in reversed(person.api.chat(person.user_id)) if message.file is not None)
    assert SECOND in report.content.decode()
    assert "In screening: 2" in (await person.say("/dashboard")).text


async def _include(clinic: Clinic, person: Chatter, investigator: Chatter) -> None:
    """
    The pair is linked, chosen, signed, voided by a correction, signed again, and included.
    """
    await person.say("/link 01-R-001 01-D-001")
    await person.press("Choose 01-D-001")
    for age in ("46", "47"):
        await investigator.say("/decide 01-R-001")
        card = await investigator.press("Sign the pair")
        assert SECOND in card.text
        await investigator.say(await code(clinic, INVESTIGATOR))
        assert (await stages(clinic))["01-R-001"] == "signed"
        clinic.now = clinic.application.worker.clock() + timedelta(seconds=30)
        if age == "46":
            await change(person, "01-D-001", "Person", "Age", age)
            assert (await stages(clinic))["01-R-001"] == "screening"
    await investigator.say("/decide 01-R-001")
    await investigator.press("Include")
    assert "The pair is included" in (await investigator.press("Include the pair")).text


async def _follow(clinic: Clinic, person: Chatter) -> None:
    """
    The infusion, a reminder of the first visit that is due, and a remark on it.
    """
    clinic.now = INFUSED
    await person.say("/infused 01-R-001 12/5/2026")
    assert "infusion on 12 May 2026" in (await person.press("Yes, store it")).text
    clinic.now = VISIT_DAY
    await remind(clinic.application.worker)
    await clinic.application.quiet()
    assert any("01-R-001" in one.text and "due" in one.text for one in person.api.chat(person.user_id) if one.from_bot)
    await person.say("/visits 01-R-001")
    await person.press("Month 3")
    await person.press("Done today")
    await clinic.restart()
    assert "done on Wednesday 12 Aug 2026" in (await person.press("Adverse event")).text
    assert "Adverse event reported" in person.card.text


async def _end_another(clinic: Clinic, person: Chatter) -> None:
    """
    A further donor is withdrawn with a reason in words.
    """
    await skip(clinic, person, "donor", until="sex")
    await person.say("/decide 01-D-002")
    await person.press("Withdrawal")
    await person.press("Yesterday")
    await person.say(WITHDRAWN)
    assert (await stages(clinic))["01-D-002"] == "withdrawn"
    assert WITHDRAWN in (await person.say("/history 01-D-002")).text
