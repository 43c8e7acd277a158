"""
What a start does without.
"""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
FOR_DOCUMENTS = {"segno", "typst", "xlsxwriter", "fhir", "PIL"}
FOR_OTHERS = {"rich", "click", "pygments", "alembic", "asyncpg", "aiosqlite", "cryptography"} | {
    "sqlalchemy.dialects.postgresql"
}


def test_a_start_loads_nothing_that_only_documents_or_another_database_need() -> None:
    """
    Nor what prints in colours, migrates or encrypts: people wait for a restart.
    """
    script = (
        "import sys, bot.__main__ as program\n"
        "program._started = lambda command: command.close() or 0\n"
        "program.main(['run'])\n"
        "print(*sys.modules)\n"
        "import rich.console, httpx"
    )
    done = subprocess.run(  # noqa: S603  our own
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, timeout=120, check=True
    )
    loaded = set(done.stdout.splitlines()[-1].split())
    assert {"telegram", "sqlmodel", "aiohttp", "httpx"} <= loaded
    assert loaded.isdisjoint(FOR_DOCUMENTS | FOR_OTHERS), loaded & (FOR_DOCUMENTS | FOR_OTHERS)
