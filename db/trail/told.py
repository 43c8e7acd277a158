"""
What the audit entry of a row tells of it besides what every entry has a field for.
"""

import json
from collections.abc import Mapping

from db.base.tables import Answer, Decision, Source, VisitRecord


def of_answer(row: Answer) -> str | None:
    """
    How it came to be where it was not simply asked, its examination, and its place among others.
    """
    return as_json(
        {
            "source": None if row.source == Source.ASKED else row.source,
            "examined_on": row.examined_on and row.examined_on.isoformat(),
            "examined_by": row.examined_by,
            "examined_words": row.examined_words,
            "batch": row.batch,
            "repeats": row.repeats,
        }
    )


def of_decision(row: Decision) -> str | None:
    """
    The day of the event, and in what it deviates.
    """
    return as_json({"day": row.day and row.day.isoformat(), "deviation": row.deviation})


def of_visit(row: VisitRecord) -> str | None:
    """
    In what the visit deviates.
    """
    return as_json({"deviation": row.deviation})


def as_json(more: Mapping[str, object]) -> str | None:
    """
    What there is of it, as an entry has it.
    """
    said = {name: value for name, value in more.items() if value is not None}
    return json.dumps(said, ensure_ascii=False, sort_keys=True) if said else None
