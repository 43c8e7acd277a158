"""
The tables, by what they hold. Answers, decisions and audit entries are only ever added; the database itself refuses to
change them.
"""

from db.base.tables.cases import AT_ONCE as AT_ONCE
from db.base.tables.cases import AWAITED as AWAITED
from db.base.tables.cases import DEVIATION as DEVIATION
from db.base.tables.cases import ENDED as ENDED
from db.base.tables.cases import INCLUDED as INCLUDED
from db.base.tables.cases import LINKED as LINKED
from db.base.tables.cases import OLD as OLD
from db.base.tables.cases import ONE_FAILING as ONE_FAILING
from db.base.tables.cases import ONE_MISSING as ONE_MISSING
from db.base.tables.cases import OPEN_QUERY as OPEN_QUERY
from db.base.tables.cases import PROPOSED as PROPOSED
from db.base.tables.cases import Answer as Answer
from db.base.tables.cases import Case as Case
from db.base.tables.cases import Decision as Decision
from db.base.tables.cases import DecisionKind as DecisionKind
from db.base.tables.cases import Examination as Examination
from db.base.tables.cases import Link as Link
from db.base.tables.cases import Source as Source
from db.base.tables.cases import Stage as Stage
from db.base.tables.cases import Tally as Tally
from db.base.tables.delivery import UNSENT as UNSENT
from db.base.tables.delivery import UNSHOWN as UNSHOWN
from db.base.tables.delivery import Chat as Chat
from db.base.tables.delivery import InboxUpdate as InboxUpdate
from db.base.tables.delivery import Lease as Lease
from db.base.tables.delivery import Notice as Notice
from db.base.tables.delivery import Pace as Pace
from db.base.tables.delivery import UpdateState as UpdateState
from db.base.tables.follow_up import PENDING as PENDING
from db.base.tables.follow_up import SNOOZED as SNOOZED
from db.base.tables.follow_up import UNTOLD as UNTOLD
from db.base.tables.follow_up import MutedKind as MutedKind
from db.base.tables.follow_up import PlannedVisit as PlannedVisit
from db.base.tables.follow_up import Reminder as Reminder
from db.base.tables.follow_up import VisitRecord as VisitRecord
from db.base.tables.people import Authenticator as Authenticator
from db.base.tables.people import Invitation as Invitation
from db.base.tables.people import Membership as Membership
from db.base.tables.people import Person as Person
from db.base.tables.people import PersonRole as PersonRole
from db.base.tables.people import Site as Site
from db.base.tables.people import WrongCode as WrongCode
from db.base.tables.trail import AuditEntry as AuditEntry
from db.base.tables.trail import AuditHead as AuditHead
from db.base.tables.trail import EncryptionKey as EncryptionKey
from db.base.tables.trail import LogLine as LogLine
from db.base.tables.trail import Permit as Permit
from db.base.tables.trail import PermitKind as PermitKind
