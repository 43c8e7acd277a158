"""
What a start does without.
"""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
FOR_DOCUMENTS = {"segno", "typst", "xlsxwriter", "fhir", "PIL"}
FOR_COLOURS = {"rich", "click", "pygments"}
FOR_OTHERS = {"alembic", "asyncpg", "aiosqlite", "cryptography", "sqlalchemy.dialects.postgresql"}


def loaded_after(*lines: str) -> set[str]:
    """
    The modules that a program of these lines has loaded; what it did without is there for whoever wants it afterwards.
    """
    script = "\n".join(("import asyncio, sys, bot.__main__ as program", *lines, "print(*sys.modules)"))
    done = subprocess.run(  # noqa: S603  our own
        [sys.executable, "-c", f"{script}\nimport rich.console, pygments, httpx"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    return set(done.stdout.splitlines()[-1].split())


def test_a_start_loads_nothing_that_only_documents_or_another_database_need() -> None:
    """
    Nor what prints in colours, migrates or encrypts: people wait for a restart.
    """
    loaded = loaded_after("program._started = lambda command: command.close() or 0", "program.main(['run'])")
    assert {"telegram", "sqlmodel", "aiohttp", "httpx"} <= loaded
    needless = FOR_DOCUMENTS | FOR_COLOURS | FOR_OTHERS
    assert loaded.isdisjoint(needless), loaded & needless


def test_a_first_start_loads_nothing_that_writes_migrations_in_colours(tmp_path: Path) -> None:
    """
    It runs those that are there.
    """
    loaded = loaded_after(
        "from db.base.engine import Database",
        "from db.base.migrate import upgrade",
        f"asyncio.run(upgrade(Database({f'sqlite:///{tmp_path}/new.db'!r})))",
    )
    assert {"alembic", "mako"} <= loaded
    assert loaded.isdisjoint(FOR_COLOURS), loaded & FOR_COLOURS
