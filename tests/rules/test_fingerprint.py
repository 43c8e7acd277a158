"""
The fingerprint of rules: the same in every process, another one for every change.
"""

import subprocess
import sys
from dataclasses import replace

from bot.rules.criteria import Criterion, Part, Role
from bot.rules.fingerprint import fingerprint
from bot.rules.items import Bool, Number
from bot.rules.versions import LATEST, PROTOCOLS

AGE = Number("age", section="s", unit="y", hard=(0, 120))
WELL = Bool("well", section="s")


def test_it_does_not_depend_on_the_process() -> None:
    """
    Sets are ordered differently from one process to the next; the fingerprint is not.
    """
    program = "from bot.rules.versions import LATEST; print(LATEST.recipient.fingerprint, LATEST.donor.fingerprint)"
    found = {
        subprocess.run(  # noqa: S603  this very interpreter
            [sys.executable, "-c", program], env={"PYTHONHASHSEED": seed}, capture_output=True, check=True, text=True
        ).stdout
        for seed in ("1", "2", "3")
    }
    assert found == {f"{LATEST.recipient.fingerprint} {LATEST.donor.fingerprint}\n"}


def test_every_change_of_a_rule_shows() -> None:
    """
    Another limit, comparison, joint, role or id gives another fingerprint.
    """
    base = Criterion("X-1", Role.INCLUSION, AGE.below(70) & WELL.yes, citation="1")
    others = [
        replace(base, id="X-2"),
        replace(base, role=Role.EXCLUSION),
        replace(base, expression=AGE.below(71) & WELL.yes),
        replace(base, expression=AGE.at_most(70) & WELL.yes),
        replace(base, expression=AGE.below(70) | WELL.yes),
        replace(base, expression=AGE.below(70) & ~WELL.yes),
    ]
    assert len({fingerprint(one) for one in (base, *others)}) == len(others) + 1
    assert fingerprint(base) == fingerprint(replace(base))


def test_words_are_no_rule() -> None:
    """
    Where a criterion is cited from, and how its reading is put, change what nobody is judged by.
    """
    base = Criterion("X-1", Role.INCLUSION, WELL.yes, (Part("X-1a", WELL.yes, citation="1a"),), citation="1")
    part = replace(base.parts[0], citation="9b", reading="Read as well.")
    assert fingerprint(base) == fingerprint(replace(base, citation="9", reading="Read as well.", parts=(part,)))


def test_the_rules_in_use_keep_theirs() -> None:
    """
    What has been decided under these rules cites them by it: another way to declare the same rules is no other rule.
    """
    known = {
        "recipient": "7263d2b80bf19c107a232d44e9c62edcffc7673ee60f28a2217bab123eec929a",
        "donor": "f633a38bf9e182a59dd2cb505aea877e4b356013dfbc3e06a3dded58bb5eb0bd",
    }
    assert {kind: PROTOCOLS["NCT02213705/1"].population(kind).fingerprint for kind in known} == known
