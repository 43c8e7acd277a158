"""
The study's own facts, as the protocol prints them.
"""

from bot.rules.v1 import PROTOCOL, study


def test_targets_and_inclusion_period() -> None:
    """
    Twenty recipients and as many donors, from March 2014 for fifty-four months.
    """
    assert (study.RECIPIENTS, study.DONORS) == (20, 20)
    assert study.INCLUSION_STARTS.isoformat() == "2014-03-01"
    assert study.INCLUSION_MONTHS == 54


def test_visits() -> None:
    """
    Four within the first year, and one that ends the follow-up.
    """
    assert [visit.month for visit in PROTOCOL.visits] == [3, 6, 9, 12, 24]
    assert ["end_of_follow_up" in visit.looks_at for visit in PROTOCOL.visits] == [False] * 4 + [True]
    assert PROTOCOL.donor_order == ("sibling", "parent", "other_family", "spouse")
