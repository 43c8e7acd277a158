"""
Answers and audit entries are only ever added: the database itself refuses anything else.
"""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from db.base.engine import Database
from db.cases import records
from tests.databases import on_postgres, on_sqlite
from tests.db.rows import NOW, Clinicians, answer, open_case, writing

CHANGES = (
    "UPDATE answers SET value = '70'",
    "UPDATE answers SET value = value",
    "UPDATE answers SET value = '70' WHERE revision = 1",
    "DELETE FROM answers",
    "DELETE FROM answers WHERE revision = 1",
    """
    INSERT INTO answers (case_id, revision, item, value, source, person_id, at)
    SELECT case_id, revision, item, '70', source, person_id, at FROM answers
    WHERE true ON CONFLICT (case_id, revision) DO UPDATE SET value = '70'
    """,
    "UPDATE audit_entries SET new = '70'",
    "UPDATE audit_entries SET new = '70' WHERE sequence = 2",
    "DELETE FROM audit_entries",
    "DELETE FROM audit_entries WHERE sequence = 2",
    """
    INSERT INTO audit_entries (sequence, at, action, entity, seal)
    SELECT sequence, at, 'forged', entity, seal FROM audit_entries
    WHERE true ON CONFLICT (sequence) DO UPDATE SET action = 'forged'
    """,
)
SQLITE_CHANGES = (
    """
    INSERT OR REPLACE INTO answers (case_id, revision, item, value, source, person_id, at)
    SELECT case_id, revision, item, '70', source, person_id, at FROM answers
    """,
    """
    REPLACE INTO answers (case_id, revision, item, value, source, person_id, at)
    SELECT case_id, revision, 'sex', '70', source, person_id, at FROM answers
    """,
    "UPDATE OR REPLACE answers SET revision = 1",
    """
    INSERT OR REPLACE INTO audit_entries (sequence, at, action, entity, seal)
    SELECT sequence, at, 'forged', entity, seal FROM audit_entries
    """,
    "UPDATE OR REPLACE audit_entries SET sequence = 1",
)
POSTGRES_CHANGES = (
    "TRUNCATE answers",
    "TRUNCATE audit_entries",
    "TRUNCATE cases CASCADE",
    "TRUNCATE people, sites CASCADE",
    "MERGE INTO answers USING sites ON answers.revision = sites.id WHEN MATCHED THEN UPDATE SET value = '70'",
    "MERGE INTO audit_entries USING sites ON audit_entries.sequence = sites.id WHEN MATCHED THEN DELETE",
    "WITH gone AS (DELETE FROM answers RETURNING 1) SELECT count(*) FROM gone",
)


async def _rows(database: Database) -> list[tuple[object, ...]]:
    async with database.engine.connect() as connection:
        answers = (await connection.execute(text("SELECT * FROM answers ORDER BY case_id, revision"))).all()
        trail = (await connection.execute(text("SELECT * FROM audit_entries ORDER BY sequence"))).all()
    return [tuple(row) for row in (*answers, *trail)]


async def _refused(database: Database, who: Clinicians, statements: tuple[str, ...]) -> list[str]:
    """
    Which statements the database refused as it should, each in a transaction of its own.
    """
    async with writing(database) as session:
        record = await records.load(session, case=await open_case(session, who), now=NOW)
        await answer(record, session, who, "age", 44)
    before = await _rows(database)
    assert before
    refused = []
    for statement in statements:
        async with database.engine.connect() as connection:
            try:
                await connection.execute(text(statement))
                await connection.commit()
            except DBAPIError as error:
                if "is append-only" in str(error.orig):
                    refused.append(statement)
    assert await _rows(database) == before
    return refused


async def test_no_statement_changes_what_was_written(database: Database, clinicians: Clinicians) -> None:
    """
    Neither an answer nor an audit entry can be changed or taken away over the program's own connection.
    """
    assert await _refused(database, clinicians, CHANGES) == [*CHANGES]


@on_sqlite("only SQLite has REPLACE")
async def test_replacing_is_changing(database: Database, clinicians: Clinicians) -> None:
    """
    SQLite's REPLACE deletes first, which is refused too.
    """
    assert await _refused(database, clinicians, SQLITE_CHANGES) == [*SQLITE_CHANGES]


@on_postgres("only PostgreSQL has TRUNCATE and MERGE")
async def test_emptying_a_table_is_changing(database: Database, clinicians: Clinicians) -> None:
    """
    PostgreSQL's TRUNCATE is refused too, also by way of the tables that answers refer to, and so is MERGE.
    """
    assert await _refused(database, clinicians, POSTGRES_CHANGES) == [*POSTGRES_CHANGES]


async def test_a_case_with_answers_cannot_be_taken_away(database: Database, clinicians: Clinicians) -> None:
    """
    The database refuses to leave answers without their case.
    """
    async with writing(database) as session:
        record = await records.load(session, case=await open_case(session, clinicians), now=NOW)
        await answer(record, session, clinicians, "age", 44)
    with pytest.raises(DBAPIError, match=r"(?i)foreign key"):
        async with database.engine.begin() as connection:
            await connection.execute(text("DELETE FROM cases"))
