"""
With a key, nothing clinical lies in the database as it was typed, and nothing can be put in another's place.
"""

import ast
import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlmodel import SQLModel, col, select

from bot.commands.keys import rotate_all
from db.base import tables, vault
from db.base.engine import Database
from db.base.tables import (
    Answer,
    AuditEntry,
    AuditHead,
    Case,
    EncryptionKey,
    Permit,
    PermitKind,
)
from db.base.vault import MARK, PROTECTED, Vault, VaultError
from db.cases import history, records
from db.trail import audit, keyring, rotation
from db.trail.audit import PROGRAM, AuditBrokenError
from db.upkeep import facts
from tests.databases import on_postgres
from tests.db.rows import KEY, NOW, Clinicians, answer, establish, open_case, writing

FIRST, SECOND = b"1" * 32, b"2" * 32
ONE = {"k1": FIRST}
BOTH = {"k2": SECOND, "k1": FIRST}


def vault_of(keys: Mapping[str, bytes]) -> Vault:
    """
    A vault with these keys, the first of which writes.
    """
    return Vault(lambda: keys)


async def _fill(database: Database) -> Clinicians:
    """
    A recipient with three answers, one of them corrected.
    """
    who = await establish(database)
    async with writing(database) as session:
        await keyring.use(session, now=NOW)
        record = await records.load(session, case=await open_case(session, who), now=NOW)
        for item, raw in (("age", 44), ("dlco", 55), ("dlco", 56)):
            record = await answer(record, session, who, item, raw)
    return who


@pytest.fixture
async def sealed(url: str) -> AsyncIterator[Database]:
    """
    A database that is encrypted, with a few answers.
    """
    database = Database(url, vault_of(ONE))
    await _fill(database)
    yield database
    await database.close()


async def _raw(database: Database, query: str) -> list[tuple[object, ...]]:
    async with database.engine.connect() as connection:
        return [tuple(row) for row in await connection.execute(text(query))]


async def _values(database: Database) -> list[str | None]:
    """
    The answers as the program reads them, in both ways in which it does.
    """
    async with database.transaction() as session:
        case_ids = (await session.exec(select(Answer.case_id))).all()
        await records.bring(session, case_ids=list(set(case_ids)))
        brought = session.info["answers_at_hand"]
        found = [given.text for case_id in sorted(brought) for given in brought[case_id]]
        rows = (await session.exec(select(Answer).order_by(col(Answer.case_id), col(Answer.revision)))).all()
    assert [row.value for row in rows] == found
    return found


async def _verified(database: Database) -> int:
    async with database.snapshot() as session:
        return await facts.verify(session, key=KEY)


async def _guards_off(database: Database, *statements: str) -> None:
    """
    What only the owner of the tables can do.
    """
    async with database.engine.begin() as connection:
        for table in rotation.GUARDED:
            if database.is_sqlite:
                await connection.execute(text(f"DROP TRIGGER IF EXISTS {table}_refuse_update"))
            else:
                await connection.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER USER"))
        for statement in statements:
            await connection.execute(text(statement))


async def test_what_is_written_is_read_again_and_lies_there_encrypted(sealed: Database) -> None:
    """
    Answers, and what the trail tells of them.
    """
    assert await _values(sealed) == ["44", "55", "56"]
    stored = await _raw(sealed, "SELECT value FROM answers")
    stored += await _raw(sealed, "SELECT new FROM audit_entries WHERE action = 'answer'")
    assert len(stored) == 6
    assert all(str(value).startswith(f"{MARK}k1:") for (value,) in stored)
    assert len({value for (value,) in stored}) == 6
    async with sealed.transaction() as session:
        case = (await session.exec(select(Case))).one()
        told = await history.entries_of(session, case=case, limit=1, offset=0)
    assert (told[0][0].old, told[0][0].new) == ("55", "56")
    assert await _verified(sealed) == 6


SWAPS = {
    "row to row": "UPDATE answers SET value = (SELECT value FROM answers WHERE revision = 1) WHERE revision = 2",
    "column to column": "UPDATE answers SET reason = value",
    "table to table": (
        "UPDATE answers SET value = (SELECT new FROM audit_entries WHERE action = 'answer' ORDER BY sequence LIMIT 1)"
        " WHERE revision = 1"
    ),
    "key to key": "UPDATE answers SET value = replace(value, 'k1:', 'k2:')",
    "to a key that is not there": "UPDATE answers SET value = replace(value, 'k1:', 'k9:')",
    "not even a ciphertext": "UPDATE answers SET value = replace(value, ':', ':%')",
    "cut": "UPDATE answers SET value = substr(value, 1, 20)",
    "changed": "UPDATE answers SET value = replace(replace(value, 'A', 'B'), 'a', 'b') || 'AAAA'",
}


@pytest.mark.parametrize("statement", SWAPS.values(), ids=SWAPS)
async def test_a_ciphertext_does_not_open_elsewhere(sealed: Database, url: str, statement: str) -> None:
    """
    One that was moved or changed is refused, and the error says where and nothing of what it was.
    """
    await _guards_off(sealed, statement)
    async with _opened(url, BOTH) as database:
        with pytest.raises(VaultError, match=r"answers\.\w+ of 1, \d") as refused:
            await _values(database)
    assert "55" not in str(refused.value)


@asynccontextmanager
async def _opened(url: str, keys: Mapping[str, bytes] | None) -> AsyncIterator[Database]:
    database = Database(url, vault_of(keys) if keys else None)
    try:
        yield database
    finally:
        await database.close()


async def _start(database: Database) -> None:
    async with writing(database) as session:
        await keyring.use(session, now=NOW)


@pytest.mark.parametrize(
    ("keys", "said"),
    [(None, "'k1', which is not there"), ({"k2": SECOND}, "'k1', which is not there"), ({"k1": SECOND}, "another one")],
    ids=["no key", "not that key", "another key of that name"],
)
@pytest.mark.usefixtures("sealed")
async def test_the_program_does_not_start_without_the_key(
    url: str, keys: Mapping[str, bytes] | None, said: str
) -> None:
    """
    It is noticed before anything is read or written.
    """
    async with _opened(url, keys) as database:
        with pytest.raises(VaultError, match=said):
            await _start(database)


async def test_a_new_key_is_noted_once_and_told(sealed: Database, url: str) -> None:
    """
    Two starts with the same keys leave one entry in the trail for each key.
    """
    async with _opened(url, BOTH) as database:
        for _ in range(2):
            await _start(database)
        async with database.transaction() as session:
            query = select(AuditEntry).where(AuditEntry.action == "keys.use").order_by(col(AuditEntry.sequence))
            told = (await session.exec(query)).all()
            assert len((await session.exec(select(EncryptionKey))).all()) == 2
    assert [entry.entity for entry in told] == ["key k1", "key k2"]
    assert await _values(sealed) == ["44", "55", "56"]


async def _start_waiting(database: Database, other: Database) -> None:
    """
    Start on a database while another start there has noted its key and not committed yet.
    """
    async with writing(other) as session:
        await keyring.use(session, now=NOW)
        await session.flush()
        starting = asyncio.create_task(_start(database))
        query = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
        async with other.engine.connect() as connection:
            while not (await connection.execute(text(query))).scalar():
                await asyncio.sleep(0.01)
                await connection.rollback()
    await starting


@on_postgres("only there are there two transactions at once")
async def test_two_starts_at_once_note_a_new_key_once(sealed: Database, url: str) -> None:
    """
    The second waits for the first, and sees that it is noted.
    """
    async with _opened(url, BOTH) as database, _opened(url, BOTH) as other:
        await _start_waiting(database, other)
    assert await _raw(sealed, "SELECT id FROM encryption_keys ORDER BY id") == [("k1",), ("k2",)]
    assert await _raw(sealed, "SELECT count(*) FROM audit_entries WHERE action = 'keys.use'") == [(2,)]


async def test_without_a_key_there_is_nothing_to_rotate_to(database: Database) -> None:
    """
    A plain database stays one.
    """
    async with writing(database) as session:
        with pytest.raises(ValueError, match="no key to write with"):
            await rotation.rotate(session, name="answers", after=None, now=NOW, limit=1)


async def test_a_key_added_while_the_bot_runs_is_read_when_it_is_met(sealed: Database, url: str) -> None:
    """
    A rotation by another program does not shut the running bot out.
    """
    keys: dict[str, bytes] = dict(ONE)
    running = Database(url, Vault(lambda: keys))
    assert await _values(running) == ["44", "55", "56"]
    keys.clear()
    keys.update(BOTH)
    async with _opened(url, BOTH) as database:
        assert await rotate_all(database, key=KEY)
    assert await _values(running) == ["44", "55", "56"]
    await running.close()
    await sealed.close()


# Rotation -------------------------------------------------------------------------------------------------------------


async def _keys_in_use(database: Database) -> set[str]:
    """
    The ids of the keys with which anything is written, and "plain".
    """
    found = set()
    for name, protected in PROTECTED.items():
        for column in protected.columns:
            rows = await _raw(database, f"SELECT {column} FROM {name} WHERE {column} IS NOT NULL AND {column} <> ''")  # noqa: S608
            found |= {str(value)[1:].partition(":")[0] if str(value)[0] == MARK else "plain" for (value,) in rows}
    return found


@pytest.mark.parametrize("begun", [None, ONE], ids=["plain before", "another key before"])
async def test_rotating_rewrites_everything(url: str, begun: Mapping[str, bytes] | None) -> None:
    """
    What older keys wrote, or none did, is then written with the first one; what it says and the trail stay.
    """
    async with _opened(url, begun) as database:
        await _fill(database)
        before = await _verified(database)
    async with _opened(url, BOTH) as database:
        assert await rotate_all(database, key=KEY, together=2) > 6
        assert await _keys_in_use(database) == {"k2"}
        assert await _values(database) == ["44", "55", "56"]
        assert await _verified(database) > before
        assert await rotate_all(database, key=KEY) == 0
    async with _opened(url, {"k2": SECOND}) as database:
        assert await _values(database) == ["44", "55", "56"]


async def test_a_rotation_that_was_cut_short_goes_on(
    url: str, sealed: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """
    What was rewritten stays so, everything is readable in between, and the next run does the rest.
    """
    rewrite, calls = rotation.rotate, []

    async def failing(*arguments: object, **options: object) -> object:
        calls.append(1)
        if len(calls) == 3:
            raise OSError("killed")
        return await rewrite(*arguments, **options)  # type: ignore[arg-type]

    async with _opened(url, BOTH) as database:
        monkeypatch.setattr(rotation, "rotate", failing)
        with pytest.raises(OSError, match="killed"):
            await rotate_all(database, key=KEY, together=2)
        monkeypatch.undo()
        assert await _keys_in_use(database) == {"k1", "k2"}
        assert await _values(database) == ["44", "55", "56"]
        await _verified(database)
        await rotate_all(database, key=KEY, together=2)
        assert await _keys_in_use(database) == {"k2"}
    await sealed.close()


async def test_people_answer_while_it_rotates(url: str) -> None:
    """
    Nothing is lost and nobody is refused, also where the bot still writes with the older key.
    """
    async with _opened(url, {"k1": FIRST, "k2": SECOND}) as running, _opened(url, BOTH) as rotating:
        who = await _fill(running)

        async def answering() -> None:
            for value in range(20, 40):
                async with writing(running) as session:
                    case = (await session.exec(select(Case))).one()
                    await answer(await records.load(session, case=case, now=NOW), session, who, "fvc", value)

        await asyncio.gather(answering(), rotate_all(rotating, key=KEY, together=1))
        assert await _values(rotating) == ["44", "55", "56", *map(str, range(20, 40))]
        await rotate_all(rotating, key=KEY)
        assert await _keys_in_use(rotating) == {"k2"}
        await _verified(rotating)


# What a permit lets happen, and what not ------------------------------------------------------------------------------

NOT_PERMITTED = {
    "a permit out of nothing": "INSERT INTO permits (kind, sequence, never) VALUES ('rotate', 5, 0)",
    "a permit on the last entry": (
        "INSERT INTO permits (kind, sequence, never) SELECT 'rotate', sequence, 0 FROM audit_head"
    ),
    "an unknown kind": "INSERT INTO permits (kind, sequence, never) SELECT 'any', sequence, 0 FROM audit_head",
    "a rewritten answer": "UPDATE answers SET value = '\x1fk1:AAAA'",
    "a deleted answer": "DELETE FROM answers",
}


@pytest.mark.parametrize("statement", NOT_PERMITTED.values(), ids=NOT_PERMITTED)
async def test_without_an_entry_that_tells_of_it_nothing_is_permitted(sealed: Database, statement: str) -> None:
    """
    The database refuses a permit that does not follow the entry of a rotation, and a change without permit.
    """
    before = await _raw(sealed, "SELECT * FROM answers")
    with pytest.raises(DBAPIError, match=r"permits this|append-only"):
        async with sealed.engine.begin() as connection:
            await connection.execute(text(statement))
    assert await _raw(sealed, "SELECT * FROM answers") == before


ANYTHING = {"INTEGER": "9", "DATE": "'1970-01-01'", "DATETIME": "'1970-01-01'"}


def _others() -> list[str]:
    """
    A change of every column of answers and trail that no rotation touches.
    """
    return [
        f"UPDATE {table} SET {column.name} = {ANYTHING.get(str(column.type), repr('x'))}"  # noqa: S608
        for table in ("answers", "audit_entries")
        for column in SQLModel.metadata.tables[table].columns
        if column.name not in PROTECTED[table].columns
    ]


FORBIDDEN = [
    "UPDATE answers SET value = '70'",
    "UPDATE answers SET value = NULL",
    "UPDATE answers SET value = ''",
    "UPDATE answers SET reason = '\x1fk1:AAAA'",
    "UPDATE audit_entries SET new = '70'",
    "UPDATE audit_entries SET old = '\x1fk1:AAAA' WHERE old IS NULL",
    "UPDATE audit_entries SET redaction = '1:x', field = NULL, old = NULL, new = NULL, reason = NULL",
    "DELETE FROM answers",
    "DELETE FROM audit_entries",
    *_others(),
]


@pytest.mark.parametrize("statement", FORBIDDEN)
async def test_a_rotation_changes_ciphertexts_and_nothing_else(sealed: Database, statement: str) -> None:
    """
    With the permit of a rotation in hand everything but one ciphertext for another is refused, in every column.
    """
    with pytest.raises(DBAPIError, match="append-only"):
        await _with_permit(sealed, statement)


async def test_a_rotation_may_put_a_ciphertext_in_the_place_of_another(sealed: Database) -> None:
    """
    The counterpart of the above: this alone goes through.
    """
    await _with_permit(sealed, "UPDATE answers SET value = '\x1fk1:AAAA' WHERE revision = 1")
    with pytest.raises(VaultError):
        await _values(sealed)


async def _with_permit(database: Database, statement: str) -> None:
    async with writing(database) as session:
        await audit.record(session, at=NOW, by=PROGRAM, action="keys.rotate", entity="table answers")
        async with rotation.permitted(session, kind=PermitKind.ROTATE):
            await (await session.connection()).execute(text(statement))


async def test_a_permit_does_not_outlive_its_transaction(sealed: Database) -> None:
    """
    The database does not commit while one is there, and then nothing of the transaction is.
    """
    with pytest.raises(DBAPIError, match=r"(?i)foreign key"):
        await _leave_permit(sealed)
    assert await _raw(sealed, "SELECT * FROM permits") == []
    assert await _verified(sealed) == 6


async def _leave_permit(database: Database) -> None:
    async with writing(database) as session:
        await audit.record(session, at=NOW, by=PROGRAM, action="keys.rotate", entity="table answers")
        await session.flush()
        session.add(Permit(kind=PermitKind.ROTATE, sequence=(await audit.lock(session)).sequence))


async def test_a_value_swapped_by_whoever_has_the_key_shows_in_the_trail(sealed: Database) -> None:
    """
    The seals are over what entries say, not over how it is encrypted.
    """
    place = vault.place("audit_entries", "new", (6,))
    forged = vault_of(ONE).seal("99", place)
    await _guards_off(sealed, f"UPDATE audit_entries SET new = '{forged}' WHERE sequence = 6")  # noqa: S608
    async with sealed.transaction() as session:
        assert (await session.get_one(AuditEntry, 6)).new == "99"
        assert (await session.get_one(AuditHead, 1)).sequence == 6
    with pytest.raises(AuditBrokenError, match="entry 6: does not match its seal"):
        await _verified(sealed)


def test_every_protected_column_is_there_and_its_row_is_known_by_columns_that_stay() -> None:
    """
    What says which row it is, is not itself encrypted.
    """
    for name, protected in PROTECTED.items():
        columns = SQLModel.metadata.tables[name].columns
        assert set(protected.row) | set(protected.columns) <= set(columns.keys())
        assert not set(protected.row) & set(protected.columns)


def _named_singly(source: str) -> list[str]:
    """
    The protected columns that a source speaks of as columns of their class: selected so they come as ciphertext, and
    compared so they match nothing.
    """
    held = {name: PROTECTED.get(getattr(one, "__tablename__", "")) for name, one in vars(tables).items()}
    return [
        f"{node.value.id}.{node.attr}"
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and (protected := held.get(node.value.id)) is not None
        and node.attr in protected.columns
    ]


def test_no_query_speaks_of_a_protected_column_alone() -> None:
    """
    Whole rows are decrypted, single columns are not: the program never asks for one, nor compares with one.
    """
    sample = "select(Answer.case_id, col(Answer.value)).where(Chat.draft == x)"
    assert sorted(_named_singly(sample)) == ["Answer.value", "Chat.draft"]
    root = Path(__file__).parents[3]
    sources = [path for folder in ("bot", "db") for path in (root / folder).rglob("*.py")]
    assert len(sources) > 100
    assert {str(path): found for path in sources if (found := _named_singly(path.read_text(encoding="utf-8")))} == {}
