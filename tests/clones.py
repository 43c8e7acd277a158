"""
Copies of a PostgreSQL database that are used again: to empty one is some twenty times quicker than to make one.
"""

import asyncio
from dataclasses import dataclass, field

import asyncpg

_OTHERS = """
SELECT count(*) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'
"""

# Whatever changes the structure or a right writes a row of these anew: it then has another transaction's number.
_STRUCTURE = """
SELECT md5(string_agg(one, ' ' ORDER BY one)) FROM (
    SELECT 'class ' || oid || ' ' || xmin AS one FROM pg_class WHERE oid >= 16384
    UNION ALL SELECT 'column ' || attrelid || ' ' || attnum || ' ' || xmin FROM pg_attribute WHERE attrelid >= 16384
    UNION ALL SELECT 'constraint ' || oid || ' ' || xmin FROM pg_constraint WHERE oid >= 16384
    UNION ALL SELECT 'function ' || oid || ' ' || xmin FROM pg_proc WHERE oid >= 16384
    UNION ALL SELECT 'schema ' || oid || ' ' || xmin FROM pg_namespace WHERE nspname !~ '^pg_(toast_)?temp_'
    UNION ALL SELECT 'trigger ' || oid || ' ' || xmin FROM pg_trigger
) AS catalogue
"""

_TABLES = "SELECT quote_ident(tablename) FROM pg_tables WHERE schemaname = 'public'"

_SEQUENCES = "SELECT quote_ident(sequencename), start_value, last_value FROM pg_sequences WHERE schemaname = 'public'"

_TRIES, _PAUSE = 20, 0.01


@dataclass
class _Original:
    """
    What a copy is brought back to: its structure, and statements that put back its rows and its sequences.
    """

    structure: str
    tables: dict[str, str | None]
    sequences: str
    idle: list[str] = field(default_factory=list)


class Clones:
    """
    The copies of a process's server, by the address of what they are copies of.
    """

    def __init__(self) -> None:
        self._originals: dict[str, _Original] = {}
        self._lent: dict[str, _Original] = {}

    def lend(self, original: str) -> str | None:
        """
        The address of a copy that nobody uses, if there is one.
        """
        known = self._originals.get(original)
        if known is None or not known.idle:
            return None
        url = known.idle.pop()
        self._lent[url] = known
        return url

    async def add(self, original: str, url: str) -> None:
        """
        Take note of a copy that was just made.
        """
        if original not in self._originals:
            connection = await asyncpg.connect(url)
            try:
                self._originals[original] = await _read(connection)
            finally:
                await connection.close()
        self._lent[url] = self._originals[original]

    async def take_back(self, url: str) -> bool:
        """
        Make it what it was when it was copied. False where that cannot be: it is to be removed then.
        """
        original = self._lent.pop(url, None)
        if original is None:
            return False
        connection = await asyncpg.connect(url)
        try:
            if await _in_use(connection) or await connection.fetchval(_STRUCTURE) != original.structure:
                return False
            await _restore(connection, original)
        finally:
            await connection.close()
        original.idle.append(url)
        return True


async def _read(connection: "asyncpg.Connection[asyncpg.Record]") -> _Original:
    names = [name for (name,) in await connection.fetch(_TABLES)]
    rows = {name: await connection.fetchval(f"SELECT json_agg(one) FROM {name} AS one") for name in names}  # noqa: S608
    sequences = [
        f"setval('{name}', {start if last is None else last}, {last is not None})"
        for name, start, last in await connection.fetch(_SEQUENCES)
    ]
    return _Original(await connection.fetchval(_STRUCTURE), rows, f"SELECT {', '.join(sequences)}")


async def _in_use(connection: "asyncpg.Connection[asyncpg.Record]") -> bool:
    """
    Whether somebody still has the database open: the server takes a moment to notice that they have closed it.
    """
    for _ in range(_TRIES):
        if not await connection.fetchval(_OTHERS):
            return False
        await asyncio.sleep(_PAUSE)
    return True


async def _restore(connection: "asyncpg.Connection[asyncpg.Record]", original: _Original) -> None:
    """
    As a replica would, for whom neither guards nor keys hold.
    """
    emptied = "; ".join(f"DELETE FROM {name}" for name in original.tables)  # noqa: S608
    async with connection.transaction():
        await connection.execute(f"SET LOCAL session_replication_role = replica; {emptied}; {original.sequences}")
        for name, rows in original.tables.items():
            if rows is not None:
                await connection.execute(
                    f"INSERT INTO {name} SELECT * FROM json_populate_recordset(NULL::{name}, $1)",  # noqa: S608
                    rows,
                )
