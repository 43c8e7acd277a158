"""
What the others at a site are told of what one of them has done.
"""

from collections.abc import Collection

from bot.turn import Turn
from db.base.tables import Case, PersonRole
from db.follow_up import concerned


async def tell(turn: Turn, case: Case, roles: Collection[PersonRole], key: str, **about: int | None) -> int:
    """
    Tell whoever holds one of these roles at the site of a case, but the person who acts. `about` is the record of what
    was done: the number of a decision ("decided") or of what was recorded of a visit ("visited"). How many are told.
    """
    me = turn.member.person.id
    return await concerned.tell(turn.session, case=case, roles=roles, but=me, key=key, now=turn.now, **about)
