"""
Random expressions on a few yes/no items, and random answers to them.
"""

from typing import Any as Anything

from hypothesis import strategies as st

from bot.rules.expressions import All, Any, Expression, Not
from bot.rules.items import Bool

ITEMS = tuple(Bool(f"item_{letter}", section="tree") for letter in "abcdef")
KEYS = tuple(item.key for item in ITEMS)

TREES: st.SearchStrategy[Expression] = st.recursive(
    st.sampled_from(ITEMS).map(lambda item: item.yes),
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=4).map(lambda parts: All(tuple(parts))),
        st.lists(inner, min_size=1, max_size=4).map(lambda parts: Any(tuple(parts))),
        inner.map(Not),
    ),
    max_leaves=12,
)

ANSWERS: st.SearchStrategy[dict[str, Anything]] = st.dictionaries(st.sampled_from(KEYS), st.booleans())
