"""
How a coordinator holds a conversation: answers as one types or presses them, and what is stored of it.
"""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.emulator.chat import Message
from bot.rules.items import BloodPressure, Bool, Choice, Date, Item, Number, Several
from bot.rules.protocol import Kind
from bot.rules.versions import LATEST
from bot.screens import present
from bot.taps import AWAITED as NOT_YET
from bot.taps import EXPECTED, TICKED, Confirm, Done, Pick, Tap, Toggle, decode
from bot.terminal import well
from bot.texts import words
from bot.turn import Turn, View
from bot.typed.values import parse
from db.base.tables import Answer, AuditEntry, Case, Chat
from db.cases.answers import add
from db.cases.records import Record, load
from db.people import access
from db.trail import audit
from db.trail.audit import Actor
from tests.conftest import Chatter, Clinic

AWAITED = "awaited"


def _typed(answers: dict[str, Any]) -> dict[str, Any]:
    return {key: str(value) if type(value) is int else value for key, value in answers.items()}


RECIPIENT: dict[str, Any] = _typed(well.WELL[Kind.RECIPIENT]) | {
    "age": "45",
    "cyclophosphamide_high_dose": True,
    "cyclophosphamide_last_dose": "3 janvier 2024",
    "dlco": "58,5 %",
    "fvc": "80",
    "heart_findings": ["av_block_2_3"],
    "heart_other_causes_excluded": True,
    "bp_first": "165/95",
    "bp_second": "170/100",
    "bp_hours_apart": "24",
    "renal_findings": [],
    "renal_other_causes_excluded": True,
    "right_heart_catheterisation": True,
    "pah_confirmed": False,
    "mpap": "20",
    "pao2": "11 kPa",
    "haemoglobin": "12.1 g/dL",
    "liver_rise_persistent": False,
}
DONOR = _typed(well.WELL[Kind.DONOR]) | {"age": "45"}
WELL = {"recipient": RECIPIENT, "donor": DONOR}
"""Someone for whom every criterion passes, as it is typed, and with answers to what the well are not asked."""


def data(message: Message) -> list[str]:
    """
    What the buttons of a message carry.
    """
    return [button.data or "" for row in message.buttons for button in row]


def find(message: Message, matches: Callable[[Tap], bool]) -> str | None:
    """
    The data of the first button of a message whose tap matches.
    """
    return next((found for found in data(message) if (tap := decode(found)) is not None and matches(tap)), None)


def asked(message: Message) -> str | None:
    """
    The item that a card asks for, as its own buttons say; None where it asks nothing.
    """
    found = find(message, lambda tap: isinstance(tap, Pick | Toggle | Done | Confirm))
    tap = decode(found) if found else None
    return tap.item if isinstance(tap, Pick | Toggle | Done | Confirm) else None


def item_of(kind: str, key: str) -> Item:
    """
    An item of a kind of case.
    """
    return LATEST.population(kind).item[key]


async def help_pages(person: Chatter) -> list[str]:
    """
    All that /help tells, part by part.
    """
    text = words(person.language)
    pages = [(await person.say("/help")).text]
    pages.append((await person.press(text("button.help_type"))).text)
    pages.append((await person.press(text("button.help_commands"))).text)
    while any(text("button.next").unescape() in label for label in person.labels):
        pages.append((await person.press(text("button.next"))).text)
    return pages


async def choose(person: Chatter, choice: str) -> Message:
    """
    Press the button for a choice, whatever it is called.
    """
    found = find(person.card, lambda tap: isinstance(tap, Pick) and tap.choice == choice)
    assert found is not None, f"no button for {choice}"
    return await person.tap(found)


async def mark(person: Chatter, item: Item, option: str) -> Message:
    """
    Tick an option of several, or say that it is awaited, with its question mark as in files.
    """
    state = EXPECTED if option.startswith("?") else TICKED
    found = find(
        person.card, lambda tap: isinstance(tap, Toggle) and (tap.option, tap.state) == (option.lstrip("?"), state)
    )
    assert found is not None, f"no button for {option} of {item.key}"
    return await person.tap(found)


async def answer(person: Chatter, item: Item, raw: object) -> Message:
    """
    Answer the question on the card as a person would: press what is a button, type what is not.
    """
    text = words(person.language)
    if raw == AWAITED:
        return await choose(person, NOT_YET)
    match item:
        case Bool():
            return await choose(person, "yes" if raw else "no")
        case Choice():
            return await person.press(text(f"option.{item.key}.{raw}").unescape())
        case Several():
            assert isinstance(raw, list)
            for option in raw:
                await mark(person, item, option)
            return await person.press(text.count("button.done", len(raw)) if raw else text("button.none"))
    return await person.say(str(raw))


async def go_on(person: Chatter, kind: str, answers: Mapping[str, object], *, until: str | None = None) -> list[str]:
    """
    Answer what is asked, until this item is asked or nothing is. The items asked, in order.
    """
    found: list[str] = []
    while (key := asked(person.card)) is not None and key != until:
        found.append(key)
        assert len(found) < 100, "the questions do not end"
        await answer(person, item_of(kind, key), answers[key])
    assert until is None or asked(person.card) == until, f"{until} is never asked"
    return found


async def open_case(person: Chatter, kind: str) -> Message:
    """
    Open a case by command.
    """
    return await person.say(f"/new {kind}")


async def screen(person: Chatter, kind: str, *, until: str | None = None, **other: object) -> list[str]:
    """
    Screen a case for whom all is well but for these answers, until this item is asked or nothing is.
    """
    await open_case(person, kind)
    return await go_on(person, kind, {**WELL[kind], **other}, until=until)


async def skip(clinic: Clinic, person: Chatter, kind: str, *, until: str | None = None, **other: object) -> Message:
    """
    As `screen`, but all the answers are stored at once and not said one by one: the card that stands at the end.
    """
    await open_case(person, kind)
    answers = {**WELL[kind], **other}
    async with clinic.application.database.transaction() as session:
        audit.use_key(session, clinic.application.worker.audit_key)
        case = (await session.exec(select(Case).order_by(col(Case.id).desc()))).first()
        assert case is not None
        now = clinic.application.worker.clock()
        record = await fill(session, case, answers, person_id=1, now=now, until=until)
    assert until is None or record.assessment.to_ask, f"{until} is never asked"
    return await person.say(f"/resume {case.code}")


async def fill(
    session: AsyncSession,
    case: Case,
    answers: Mapping[str, object],
    *,
    person_id: int,
    now: datetime,
    until: str | None = None,
) -> Record:
    """
    Store what is asked of a case, as typed or chosen, until this item is asked or nothing is; the record at the end.
    """
    record = await load(session, case=case, now=now)
    while record.assessment.to_ask and (key := record.assessment.to_ask[0]) != until:
        item = item_of(case.kind, key)
        raw = answers[key]
        if isinstance(item, Number | BloodPressure | Date):
            entry = parse(item, str(raw), today=record.as_of) if raw != AWAITED else None
            raw = entry.raw if entry else None
        raw = None if raw == AWAITED else raw
        record = await add(session, record=record, item=key, raw=raw, by=Actor(person_id), now=now)
    return record


async def stored(clinic: Clinic, code: str) -> list[Answer]:
    """
    The answers stored for a case, oldest first.
    """
    async with clinic.application.database.transaction() as session:
        query = select(Answer).join(Case, col(Case.id) == col(Answer.case_id)).where(Case.code == code)
        return list((await session.exec(query.order_by(col(Answer.revision)))).all())


async def values(clinic: Clinic, code: str) -> dict[str, str | None]:
    """
    The newest answer stored for each item of a case, in file form.
    """
    return {row.item: row.value for row in await stored(clinic, code)}


async def all_cases(clinic: Clinic) -> dict[str, Case]:
    """
    Every case by its code.
    """
    async with clinic.application.database.transaction() as session:
        return {case.code: case for case in (await session.exec(select(Case).order_by(col(Case.id)))).all()}


async def trail(clinic: Clinic) -> list[AuditEntry]:
    """
    The audit trail.
    """
    async with clinic.application.database.transaction() as session:
        return list((await session.exec(select(AuditEntry).order_by(col(AuditEntry.sequence)))).all())


async def record_of(clinic: Clinic, code: str) -> Record:
    """
    The record of a case, read and assessed anew.
    """
    async with clinic.application.database.transaction() as session:
        case = (await session.exec(select(Case).where(Case.code == code))).one()
        return await load(session, case=case, now=clinic.application.worker.clock())


async def view_of(clinic: Clinic, session: AsyncSession, user_id: int) -> View:
    """
    What a chat has to show, as a function of what is stored.
    """
    now = clinic.application.worker.clock()
    chat = await session.get_one(Chat, user_id)
    member = (await access.members(session, telegram_ids=[user_id]))[user_id]
    return await present(Turn(session, now, chat, member, now, clinic.application.worker.deployment))


async def everything(clinic: Clinic) -> tuple[object, ...]:
    """
    All that is stored of cases: to be compared before and after what must change nothing.
    """
    cases = await all_cases(clinic)
    answers = [[row.model_dump() for row in await stored(clinic, code)] for code in cases]
    return [case.model_dump() for case in cases.values()], answers, len(await trail(clinic))


def typed(person: Chatter, text: str, *, ago: timedelta = timedelta(0)) -> dict[str, Any]:
    """
    An update with a text as Telegram would deliver it, sent some time ago.
    """
    message_id = person.api.send(person.user_id, text, language=person.language, first_name="Test")
    message = next(one for one in person.api.chat(person.user_id) if one.id == message_id)
    return {
        "message": {
            "message_id": message_id,
            "date": int((message.date - ago).timestamp()),
            "chat": {"id": person.user_id, "type": "private", "first_name": "Test"},
            "from": {"id": person.user_id, "is_bot": False, "first_name": "Test", "language_code": person.language},
            "text": text,
        }
    }
