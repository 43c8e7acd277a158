"""
A fingerprint of declared rules: two populations with the same one judge alike.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from types import MappingProxyType
from typing import Any

NO_RULE: Mapping[str, bool] = MappingProxyType({"is_rule": False})
"""The metadata of a field that says something of a rule and decides nothing: it has no part in the fingerprint."""


def fingerprint(*declared: Any) -> str:  # noqa: ANN401  whatever rules are declared with
    """
    A hash over declarations, field by field, that does not depend on the process or the order of sets.
    """
    return hashlib.sha256(json.dumps([_form(one) for one in declared]).encode()).hexdigest()


def _form(node: Any) -> Any:  # noqa: ANN401  as above
    if is_dataclass(node):
        rules = [field.name for field in fields(node) if field.metadata.get("is_rule", True)]
        return [type(node).__name__, *(_form(getattr(node, name)) for name in rules)]
    if isinstance(node, dict):
        return [[key, _form(value)] for key, value in node.items()]
    if isinstance(node, tuple):
        return [_form(one) for one in node]
    return sorted(node) if isinstance(node, frozenset) else str(node)
