"""
Where the tables belong to another role, the bot works with its own, and that one can change nothing that is only added.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import pytest
from sqlalchemy import make_url, text
from sqlalchemy.exc import DBAPIError
from sqlmodel import SQLModel

from db.base.engine import Database
from db.base.migrations import HEAD
from db.upkeep.rights import RIGHTS
from tests.chat.trial import hold
from tests.conftest import Clinic, settings_in
from tests.databases import Postgres, fresh, on_sqlite
from tests.db.upkeep.test_upkeep import run
from tests.thorough import thorough

_numbers = count(1)

OWNERS_WORD = "DATABASE_URL: only the owner of the tables may do this; after an update: migrate --role"


@dataclass(frozen=True)
class Parted:
    """
    A PostgreSQL database that belongs to one role and is used by another.
    """

    role: str
    owner: str
    program: str
    superuser: str

    async def run(self, *statements: str) -> None:
        """
        Run statements as the superuser.
        """
        database = Database(self.superuser)
        async with database.engine.begin() as connection:
            for statement in statements:
                await connection.execute(text(statement))
        await database.close()


def _as(url: str, role: str) -> str:
    return make_url(url).set(username=role).render_as_string(hide_password=False)


@pytest.fixture
async def parted(postgres: Postgres) -> AsyncIterator[Parted]:
    """
    Two roles and a database without any table that belongs to the first of them.
    """
    number = next(_numbers)
    role, owner = f"program {number}", f"owner_{number}"
    await postgres.run(f'CREATE ROLE "{role}" LOGIN', f"CREATE ROLE {owner} LOGIN")
    async with fresh(postgres) as url:
        name = make_url(url).database
        await postgres.run(f"ALTER DATABASE {name} OWNER TO {owner}")
        yield Parted(role, _as(url, owner), _as(url, role), url)
    await postgres.run(f'DROP ROLE "{role}"', f"DROP ROLE {owner}")


@pytest.fixture
async def granted(parted: Parted, tmp_path: Path) -> Parted:
    """
    The same with every table, and the rights given.
    """
    ended = await run(tmp_path, parted.owner, "migrate", "--role", parted.role)
    said = f"the database is at revision {HEAD}, and {parted.role} has its rights in it"
    assert ended == (0, said, "")
    return parted


def test_every_table_has_its_rights_told() -> None:
    """
    A new one does not come without.
    """
    assert set(RIGHTS) == {*SQLModel.metadata.tables, "alembic_version"}


@thorough("a whole trial, and every command")
async def test_the_bot_works_without_owning_anything(granted: Parted, tmp_path: Path) -> None:
    """
    From the first start to a visit, and every command but those that take out or rewrite: these are for the owner, who
    can run them while the bot runs.
    """
    keys = {"ENCRYPTION_KEYS": f"k1 {'5a' * 32}"}
    clinic = Clinic(settings_in(tmp_path, database_url=granted.program, encryption_keys=keys["ENCRYPTION_KEYS"]))
    await clinic.start()
    await hold(clinic)
    for command in (
        ("audit", "verify"),
        ("audit", "anchor", str(tmp_path / "anchors")),
        ("backup", str(tmp_path / "backup")),
        ("rebuild",),
        ("people", "list"),
        ("people", "invite", "monitor"),
        ("sites", "set", "1", "--quiet", "18:00-09:00"),
        ("purge", "--days", "0"),
        ("purge", "--log"),
    ):
        ended = await run(tmp_path, granted.program, *command, **keys)
        assert (ended.status, ended.errors) == (0, ""), command
    rotated = {"ENCRYPTION_KEYS": f"k2 {'6b' * 32},{keys['ENCRYPTION_KEYS']}"}
    for command in (("purge", "--days", "0", "--yes"), ("keys", "rotate")):
        ended = await run(tmp_path, granted.program, *command, **rotated)
        assert (ended.status, ended.errors) == (2, OWNERS_WORD), command
        ended = await run(tmp_path, granted.owner, *command, **rotated)
        assert (ended.status, ended.errors) == (0, ""), command
    await clinic.stop()
    ended = await run(tmp_path, granted.program, "audit", "verify", **rotated)
    assert (ended.status, ended.errors) == (0, "")


ADDED = ("answers", "audit_entries", "decisions", "visit_records")
REFUSED = [
    *(f"UPDATE {table} SET at = at" for table in ADDED),  # noqa: S608
    *(f"DELETE FROM {table}" for table in ADDED),  # noqa: S608
    *(f"TRUNCATE {table} CASCADE" for table in (*ADDED, "cases")),
    *(f"DROP TABLE {table} CASCADE" for table in ("answers", "audit_entries", "permits")),
    *(f"ALTER TABLE {table} DISABLE TRIGGER ALL" for table in ("answers", "audit_entries")),
    *(f"ALTER TABLE {table} DISABLE TRIGGER USER" for table in ("answers", "audit_entries")),
    *(f"DROP TRIGGER {table}_refuse_change ON {table}" for table in ("answers", "audit_entries")),
    "ALTER TABLE answers ADD COLUMN more text",
    "ALTER TABLE answers RENAME TO others",
    "ALTER TABLE answers OWNER TO CURRENT_USER",
    "CREATE TRIGGER other BEFORE INSERT ON answers FOR EACH ROW EXECUTE FUNCTION guard_row()",
    "CREATE RULE other AS ON INSERT TO answers DO INSTEAD NOTHING",
    "CREATE OR REPLACE FUNCTION guard_row() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'",
    "DROP FUNCTION guard_row() CASCADE",
    "CREATE TABLE others (id integer)",
    "DROP SCHEMA public CASCADE",
    "SET session_replication_role = replica",
    "INSERT INTO permits (kind, sequence, never) SELECT 'rotate', sequence, 0 FROM audit_head",
    """
    INSERT INTO answers (case_id, revision, item, value, source, person_id, at)
    VALUES (1, 1, 'age', '70', 'asked', 1, now()) ON CONFLICT (case_id, revision) DO UPDATE SET value = '70'
    """,
    "MERGE INTO answers USING sites ON answers.revision = sites.id WHEN MATCHED THEN UPDATE SET value = '70'",
    "MERGE INTO audit_entries USING sites ON audit_entries.sequence = sites.id WHEN MATCHED THEN DELETE",
    "SELECT * FROM answers FOR UPDATE",
    "CREATE INDEX other ON answers (value)",
    "COMMENT ON TABLE answers IS 'x'",
    "DELETE FROM cases",
    "DELETE FROM audit_head",
    "INSERT INTO audit_head (id, sequence, seal) VALUES (2, 0, '')",
    "DELETE FROM screening_log",
    "UPDATE screening_log SET reason = 'x'",
    "UPDATE encryption_keys SET proof = 'x'",
    "UPDATE alembic_version SET version_num = '0001'",
    "SELECT setval('decisions_id_seq', 1)",
    "DO 'BEGIN GRANT UPDATE ON answers TO CURRENT_USER; UPDATE answers SET item = item; END'",
]


async def test_the_bots_role_is_refused_whatever_it_tries(granted: Parted, tmp_path: Path) -> None:
    """
    To change or take away what is only added, to take off the guards, to become more than it is: all of it for want of
    a right, so that nothing hangs on a trigger.
    """
    clinic = Clinic(settings_in(tmp_path, database_url=granted.program))
    await clinic.start()
    await clinic.coordinator()
    await clinic.stop()
    database = Database(granted.program)
    owner = make_url(granted.owner).username
    passed = []
    for statement in (
        *REFUSED,
        f"SET ROLE {owner}",
        f"ALTER ROLE {owner} NOLOGIN",
        "ALTER ROLE CURRENT_USER SUPERUSER",
    ):
        try:
            async with database.engine.begin() as connection:
                await connection.execute(text(statement))
            passed.append((statement, None))
        except DBAPIError as error:
            if getattr(error.orig, "sqlstate", None) != "42501":
                passed.append((statement, str(error.orig)))
    assert passed == []
    await database.close()


async def test_a_table_of_its_own_does_not_pass_for_a_permit(granted: Parted) -> None:
    """
    Tables that a session makes for itself are found before others, and do not help.
    """
    database = Database(granted.program)
    async with database.engine.connect() as connection:
        await connection.execute(text("CREATE TEMPORARY TABLE permits AS SELECT 'rotate' AS kind, 1 AS case_id"))
        with pytest.raises(DBAPIError, match="permission denied"):
            await connection.execute(text("DELETE FROM answers"))
    await database.close()


async def test_a_start_on_an_older_database_says_who_migrates(parted: Parted, tmp_path: Path) -> None:
    """
    The bot's own role cannot.
    """
    ended = await run(tmp_path, parted.program, "sites", "add", "Lyon")
    assert ended == (2, "", OWNERS_WORD)


async def test_one_role_alone_still_works(parted: Parted, tmp_path: Path) -> None:
    """
    Whoever has a single role starts as ever, and may migrate by hand too.
    """
    assert (await run(tmp_path, parted.owner, "sites", "add", "Lyon")).status == 0
    assert await run(tmp_path, parted.owner, "migrate") == (0, f"the database is at revision {HEAD}", "")


async def test_a_database_of_one_role_is_parted_later(parted: Parted, tmp_path: Path) -> None:
    """
    What the bot's role has made so far is given to the owner, who then gives it its rights.
    """
    owner, role = make_url(parted.owner).username, f'"{parted.role}"'
    name = make_url(parted.superuser).database
    await parted.run(f"ALTER DATABASE {name} OWNER TO {role}")
    assert (await run(tmp_path, parted.program, "sites", "add", "Lyon")).status == 0
    await parted.run(f"REASSIGN OWNED BY {role} TO {owner}")
    assert (await run(tmp_path, parted.owner, "migrate", "--role", parted.role)).errors == ""
    assert (await run(tmp_path, parted.program, "audit", "verify")).status == 0


async def test_a_role_that_may_make_tables_is_refused(parted: Parted, tmp_path: Path) -> None:
    """
    As anybody may in PostgreSQL before 15; the sentence says what a superuser does about it.
    """
    await parted.run("ALTER SCHEMA public OWNER TO CURRENT_USER", "GRANT CREATE ON SCHEMA public TO PUBLIC")
    ended = await run(tmp_path, parted.owner, "migrate", "--role", parted.role)
    assert (ended.status, ended.output) == (2, "")
    assert ended.errors.endswith("may make tables: REVOKE CREATE ON SCHEMA public FROM PUBLIC first")


@pytest.mark.parametrize(
    ("made", "said"),
    [
        *(
            (statement, "is the owner, makes roles or belongs to one: make one of its own")
            for statement in (
                "ALTER ROLE {role} SUPERUSER",
                "ALTER ROLE {role} CREATEROLE",
                "GRANT {owner} TO {role}",
                "GRANT pg_write_all_data TO {role}",
                "ALTER ROLE {role} NOINHERIT; GRANT {owner} TO {role}",
                "GRANT pg_execute_server_program TO {role}",
            )
        ),
    ],
)
async def test_a_role_that_is_more_is_refused(parted: Parted, tmp_path: Path, made: str, said: str) -> None:
    """
    The separation would be none.
    """
    owner = make_url(parted.owner).username
    await parted.run(*made.format(role=f'"{parted.role}"', owner=owner).split("; "))
    ended = await run(tmp_path, parted.owner, "migrate", "--role", parted.role)
    assert (ended.status, ended.output) == (2, "")
    assert said in ended.errors


async def test_a_role_that_is_not_there_is_said(parted: Parted, tmp_path: Path) -> None:
    """
    It is made by whoever runs the server.
    """
    ended = await run(tmp_path, parted.owner, "migrate", "--role", "nobody")
    assert ended == (2, "", "there is no role 'nobody': make it first")


@on_sqlite("PostgreSQL knows roles")
async def test_sqlite_knows_no_roles(url: str, tmp_path: Path) -> None:
    """
    It migrates, and says so where a role is named.
    """
    assert await run(tmp_path, url, "migrate") == (0, f"the database is at revision {HEAD}", "")
    assert await run(tmp_path, url, "migrate", "--role", "any") == (2, "", "only PostgreSQL knows roles")
