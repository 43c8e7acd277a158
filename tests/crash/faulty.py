"""
`python -m tests.crash.faulty SEED SHARE ...` is `python -m bot ...` on a database that fails at random, in another way
at each start.
"""

import os
import sys
from random import Random

from bot.__main__ import main
from db.base.engine import Database
from tests.db.delivery.faults import RandomFaults


def _run(seed: str, share: str, *arguments: str) -> int:
    faults = RandomFaults(Random(f"{seed}-{os.getpid()}"), float(share))  # noqa: S311  a schedule, no secret
    Database.transaction = faults.around(Database.transaction)  # type: ignore[method-assign, assignment]
    return main(arguments)


if __name__ == "__main__":
    sys.exit(_run(*sys.argv[1:]))
