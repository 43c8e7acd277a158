"""
What a signature says, on a card, in the history, in the report and on paper alike.
"""

from collections.abc import Callable
from datetime import datetime

from markupsafe import Markup, escape

from bot.render.reasons import reason
from bot.screens.at_stake import BeforeAnswer
from bot.texts import Words
from db.base.tables import DecisionKind
from db.cases.records import Record
from db.cases.signatures import Dismissed, Signed

Clock = Callable[[datetime], datetime]
"""A time on the clock of the site."""


def signature(signed: Signed, local: Clock, words: Words) -> list[tuple[Markup, Markup]]:
    """
    Lines of two: what, and which.
    """
    role = words(f"role.{signed.role}") if signed.role else Markup("\N{EN DASH}")
    said = words("paper.role", role=role, site=f"{signed.site:02d}")
    lines = [
        ("signed_by", words("paper.signer", person=signed.name, role=said)),
        ("signed_at", escape(words.zoned(local(signed.at)))),
        ("meaning", words(f"paper.meaning.{signed.kind}", about=signed.about or "")),
        ("about", Markup(" + ").join(signed.codes)),
        ("rules", escape(signed.protocol)),
        ("hash", escape(signed.digest)),
        *(("dismissed", dismissed(one, local, words, is_of_pair=len(signed.codes) > 1)) for one in signed.dismissed),
    ]
    return [(words("paper.name", name=words(f"paper.{name}")), said) for name, said in lines]


def dismissed(one: Dismissed, local: Clock, words: Words, *, is_of_pair: bool = False) -> Markup:
    """
    A query that was dismissed: by whom, when and why; of a pair with the code of its case.
    """
    id_ = words("upshot.at", id=one.query, code=one.code) if is_of_pair else one.query
    return words(
        "paper.query.dismissed",
        query=words("paper.query", id=id_, text=words(f"query.{one.query}")),
        by=words("paper.program") if one.name is None else words.name(one.name),
        time=words.zoned(local(one.at)),
        reason=reason(one.reason, words, DecisionKind.QUERY_DISMISSED),
    )


def lines(signed: Signed, record: Record, words: Words) -> list[Markup]:
    """
    The same as lines of a card.
    """
    found = [words("signed.said", what=what, said=said) for what, said in signature(signed, record.local, words)]
    return [Markup("✍️ {}").format(found[0]), *found[1:]]


def at_stake(view: BeforeAnswer, words: Words, *, is_list: bool = False) -> list[str]:
    """
    That sign-offs end by what is about to be stored; a list can be taken back, a signature not.
    """
    code, lines = view.record.case.code, list[str]()
    if code in view.ends:
        lines.append(words("at_stake.list", code=code) if is_list else words("at_stake.answer", code=code))
    if others := [one for one in view.ends if one != code]:
        lines.append(words("at_stake.linked", codes=", ".join(others)))
    return lines
