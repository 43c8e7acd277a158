"""
What one replica holds so that no other does the same: a chat while it talks there, fetching updates, sending notices.

A lease is renewed while its holder lives. Of a holder who does not, it can be taken as soon as it has run out.
"""

from collections.abc import Sequence

from sqlalchemy import BindParameter, Table, bindparam, delete, update
from sqlmodel import and_, col, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from db.base import core
from db.base.clock import seconds_now
from db.base.tables import Lease

# Built once: every turn asks for these.

_LEASES: Table = Lease.__table__  # type: ignore[attr-defined]  # every mapped class has one
_NAMES: BindParameter[str] = bindparam("names", expanding=True)
_ME: BindParameter[str] = bindparam("me")

_ADD = core.ForEach(lambda dialect: dialect.insert(_LEASES).on_conflict_do_nothing())

_KNOWN = select(_LEASES.c.name).where(_LEASES.c.name.in_(_NAMES))

# Whoever is just being given away or taken is passed over, not waited for: two replicas never wait for each other here.
_FREE = (
    select(_LEASES.c.name)
    .where(_LEASES.c.name.in_(_NAMES), or_(_LEASES.c.holder == _ME, _LEASES.c.until < seconds_now()))
    .with_for_update(skip_locked=True)
)

_UNTIL = seconds_now() + bindparam("seconds")

_TAKE = (
    update(_LEASES)
    .where(_LEASES.c.name.in_(_FREE.scalar_subquery()))
    .values(holder=_ME, until=_UNTIL)
    .returning(_LEASES.c.name)
)

# Those who lock several of them do so in one order.
_MINE = select(_LEASES.c.name).where(_LEASES.c.holder == _ME).order_by(_LEASES.c.name).with_for_update()

_RENEW = (
    update(_LEASES).where(_LEASES.c.name.in_(_MINE.scalar_subquery())).values(until=_UNTIL).returning(_LEASES.c.name)
)


async def take(session: AsyncSession, *, names: Sequence[str], holder: str, seconds: float) -> set[str]:
    """
    Take those of these leases that are free, for so long; those that are now held.
    """
    # Only what is missing: PostgreSQL would wait for whoever changes one that is there, to see whether it goes.
    missing = set(names).difference((await core.run(session, _KNOWN, {"names": names})).scalars())
    if missing:
        rows = [{"name": name, "until": 0.0} for name in sorted(missing)]
        await core.run(session, _ADD, rows)
    return set((await core.run(session, _TAKE, {"names": names, "me": holder, "seconds": seconds})).scalars())


async def renew(session: AsyncSession, *, holder: str, seconds: float) -> set[str]:
    """
    Hold on to all that is held, for so long from now; what it is.
    """
    return set((await core.run(session, _RENEW, {"me": holder, "seconds": seconds})).scalars())


async def held(session: AsyncSession, *, names: Sequence[str], holder: str) -> set[str]:
    """
    Those of these leases that nobody else has taken, though they may have run out; nobody will until this transaction
    ends.
    """
    query = _MINE.where(_LEASES.c.name.in_(_NAMES))
    return set((await core.run(session, query, {"names": names, "me": holder})).scalars())


async def give_back(session: AsyncSession, *, names: Sequence[str], holder: str) -> None:
    """
    Let others take these, as far as they are still held.
    """
    mine = and_(col(Lease.name).in_(names), col(Lease.holder) == holder)
    await session.exec(update(Lease).where(mine).values(holder=None, until=0.0))


async def forget(session: AsyncSession, *, seconds: float) -> None:
    """
    Drop what was given back, or ran out so long ago. The names hold the Telegram ids of whoever once wrote.
    """
    old = select(Lease.name).where(col(Lease.until) < seconds_now() - seconds)
    await session.exec(delete(Lease).where(col(Lease.name).in_(old.order_by(Lease.name).with_for_update())))


async def end(session: AsyncSession, *, holder: str) -> None:
    """
    Let others take all that is held.
    """
    await session.exec(update(Lease).where(col(Lease.holder) == holder).values(holder=None, until=0.0))
