"""
Which donors are candidates for which recipient.
"""

from datetime import datetime

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.rules.protocol import Kind
from db.base.tables import LINKED, Case, Link, Stage
from db.cases import answers, projections, records
from db.cases.sign_offs import Cause
from db.trail import audit, entries
from db.trail.audit import Actor


class NotLinkedError(ValueError):
    """
    The two cannot be linked, or their link not be undone. `str()` says why: the donor is "taken" already, one of the
    two is "included", or "elsewhere", at another site: who sees the one would see the other.
    """


async def link(session: AsyncSession, *, recipient: Case, donor: Case, by: Actor, now: datetime) -> None:
    """
    Make a donor a candidate for a recipient. Raises NotLinkedError.
    """
    await audit.lock(session)
    await session.flush()
    _check_not_included(recipient, donor)
    if recipient.site_id != donor.site_id:
        raise NotLinkedError("elsewhere")
    if (await session.exec(select(Link).where(Link.donor_id == donor.id, LINKED))).first():
        raise NotLinkedError("taken")
    session.add(Link(recipient_id=recipient.id, donor_id=donor.id, linked_by=by.person, linked_at=now))
    recipient.links += 1
    donor.links = 1
    await _changed(session, "link", recipient=recipient, donor=donor, by=by, now=now)


async def unlink(session: AsyncSession, *, recipient: Case, donor: Case, by: Actor, now: datetime) -> bool:
    """
    Undo it. False where there is nothing to undo. Raises NotLinkedError.
    """
    await audit.lock(session)
    await session.flush()
    query = select(Link).where(Link.recipient_id == recipient.id, Link.donor_id == donor.id, LINKED)
    found = (await session.exec(query)).first()
    if found is None:
        return False
    _check_not_included(recipient, donor)
    found.unlinked_by, found.unlinked_at = by.person, now
    recipient.links -= 1
    donor.links = 0
    await _changed(session, "unlink", recipient=recipient, donor=donor, by=by, now=now)
    return True


def _check_not_included(*cases: Case) -> None:
    if any(case.stage == Stage.INCLUDED for case in cases):
        raise NotLinkedError("included")


async def _changed(
    session: AsyncSession, action: str, *, recipient: Case, donor: Case, by: Actor, now: datetime
) -> None:
    for case, partner in ((recipient, donor), (donor, recipient)):
        case.touched_at = now
        old, new = (None, partner.code) if action == "link" else (partner.code, None)
        await entries.about_case(session, case, f"case.{action}", at=now, by=by, field="partner", old=old, new=new)
    cause = Cause(donor.id, action=action, person=by.person_id)
    for case in (recipient, donor):
        await projections.write(session, record=await records.load(session, case=case, now=now))
        await answers.follow(session, case=case, now=now, cause=cause)


async def to_link(session: AsyncSession, *, kind: Kind, site_id: int, limit: int) -> list[Case]:
    """
    Cases of a kind in screening at a site that could be linked, the last touched first. A recipient may have several
    donors.
    """
    await session.flush()
    query = select(Case).where(Case.kind == kind, Case.stage == Stage.SCREENING, Case.site_id == site_id)
    if kind is Kind.DONOR:
        query = query.where(Case.links == 0)
    return list((await session.exec(query.order_by(col(Case.touched_at).desc()).limit(limit))).all())
