"""
A fingerprint of declared rules: two populations with the same one judge alike.
"""

import hashlib
import json
from dataclasses import fields, is_dataclass
from typing import Any


def fingerprint(*declared: Any) -> str:  # noqa: ANN401  whatever rules are declared with
    """
    A hash over declarations, field by field, that does not depend on the process or the order of sets.
    """
    return hashlib.sha256(json.dumps([_form(one) for one in declared]).encode()).hexdigest()


def _form(node: Any) -> Any:  # noqa: ANN401  as above
    if is_dataclass(node):
        return [type(node).__name__, *(_form(getattr(node, field.name)) for field in fields(node))]
    if isinstance(node, dict):
        return [[key, _form(value)] for key, value in node.items()]
    if isinstance(node, tuple):
        return [_form(one) for one in node]
    return sorted(node) if isinstance(node, frozenset) else str(node)
