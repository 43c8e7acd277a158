"""
A classification by points: what its rows make for certain, what they may still come to, and what bars it.
"""

from decimal import Decimal

import pytest

from bot.rules.kleene import Truth
from bot.rules.v1.scores import ACR_EULAR_2013

NOTHING: dict[str, bool | str] = {
    row.key: "none" if "none" in row.points else False for row in ACR_EULAR_2013.rows
} | dict.fromkeys(ACR_EULAR_2013.bars, False)
EIGHT = NOTHING | {"fingers": "sclerodactyly", "telangiectasia": True, "pah_or_ild": True}
NINE = NOTHING | {"fingertips": "pitting_scars", "raynaud": True, "autoantibodies": True}


@pytest.mark.parametrize(
    ("given", "least", "most"),
    [
        ({}, 0, 28),
        ({"skin_beyond_mcp": True}, 9, 28),
        ({"skin_beyond_mcp": False}, 0, 19),
        ({"fingers": "puffy"}, 2, 26),
        ({"fingers": "sclerodactyly", "fingertips": "ulcers"}, 6, 27),
        (NOTHING, 0, 0),
        (EIGHT, 8, 8),
        (NINE, 9, 9),
    ],
)
def test_points_are_what_is_certain_and_what_may_still_come(
    given: dict[str, bool | str], least: int, most: int
) -> None:
    """
    A row that is not given may come to nothing, or to its highest finding.
    """
    assert ACR_EULAR_2013.points(given) == (least, most)


@pytest.mark.parametrize(
    ("given", "result"),
    [
        ({}, None),
        (EIGHT, False),
        (NINE, True),
        (NINE | {"telangiectasia": True}, True),
        (NINE | {"raynaud": False}, False),
        ({key: value for key, value in NOTHING.items() if key != "skin_beyond_mcp"}, None),
        ({key: value for key, value in EIGHT.items() if key != "raynaud"}, None),
        ({"skin_beyond_mcp": True}, None),
        ({"skin_beyond_mcp": True, "fingers_spared": False}, None),
        ({"skin_beyond_mcp": True, "fingers_spared": False, "other_disorder": False}, True),
        (NINE | {"fingers_spared": True}, False),
        ({"other_disorder": True}, False),
        (EIGHT | {"other_disorder": True}, False),
    ],
)
def test_nine_points_classify_and_nothing_may_bar(given: dict[str, bool | str], result: Truth) -> None:
    """
    Eight do not; it is open while a row or a bar that counts is not given.
    """
    assert ACR_EULAR_2013.result(given) is result


@pytest.mark.parametrize(
    ("given", "is_taken"),
    [
        ({}, True),
        (NINE, True),
        ({"raynaud": Decimal(1)}, False),
        ({"raynaud": 1}, False),
        ({"raynaud": "none"}, False),
        ({"fingers": "swollen"}, False),
        ({"fingers": "lean"}, False),
        ({"fingers": True}, False),
        ({"other_disorder": "no"}, False),
        ({"hair": True}, False),
        (NINE | {"hair": True}, False),
    ],
)
def test_rows_are_taken_with_values_of_their_own(given: dict[str, object], is_taken: bool) -> None:  # noqa: FBT001  the table's column
    """
    A number is no truth, an option no other row's, and what is no row is refused.
    """
    assert ACR_EULAR_2013.takes(given) is is_taken


def test_what_may_be_given_is_every_row_and_bar() -> None:
    """
    Each once, the bars last.
    """
    assert ACR_EULAR_2013.keys == tuple(NOTHING)
