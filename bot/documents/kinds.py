"""
Every document that can be had, by name: what it is made by, and of what it can be asked. Nothing is loaded before it is
wanted.
"""

from collections.abc import Callable
from importlib import import_module

from bot.documents.snapshot import Snapshot
from bot.documents.trail import Trail
from bot.rules.frozen import Frozen
from bot.study import Study
from bot.texts import Words


class Asked(Frozen):
    """
    What a document is made of: one reading of the database, words, the study; the audit trail where it is about that.
    `code` is the case that it is about, if any.
    """

    snapshot: Snapshot
    words: Words
    study: Study
    code: str | None = None
    trail: Trail | None = None


class Document(Frozen):
    """
    A document: the file's name and content, and what it says in a sentence.
    """

    name: str
    content: bytes
    caption: str = ""


class DocumentKind(Frozen):
    """
    A kind of document. `made_by` names the function, `narrowed` what it can be narrowed down to; a case is a must
    where it is `of_case`; where it is `of_trail` the audit trail is checked and read.
    """

    made_by: str
    help: str
    narrowed: frozenset[str] = frozenset({"site"})
    of_case: bool = False
    of_trail: bool = False

    @property
    def make(self) -> Callable[[Asked], Document]:
        """
        The function that makes it.
        """
        module, _, name = self.made_by.partition(":")
        return getattr(import_module(f"bot.documents.{module}"), name)  # type: ignore[no-any-return]


_CASES = frozenset({"site", "case"})
_CASE = frozenset({"case"})
_ANY = frozenset({"case", "site", "person", "day"})

KINDS: dict[str, DocumentKind] = {
    "checklist": DocumentKind(
        "papers.checklist:checklist", "a case's eligibility checklist (PDF); also of its pair", _CASE, of_case=True
    ),
    "screening-log": DocumentKind("papers.logs:screening_log", "the screening and enrolment log (PDF)"),
    "visit-log": DocumentKind("papers.logs:visit_log", "the log of follow-up visits (PDF)"),
    "delegation-log": DocumentKind("papers.logs:delegation_log", "who had which role where, and when (PDF)"),
    "audit": DocumentKind(
        "papers.audit:trail_paper", "a case's audit trail, checked (PDF)", _CASE, of_case=True, of_trail=True
    ),
    "audit-csv": DocumentKind(
        "papers.audit:trail_file", "the audit trail, or a part of it, checked (CSV)", _ANY, of_trail=True
    ),
    "workbook": DocumentKind("data.made:as_workbook", "the data as a workbook (XLSX)"),
    "csv": DocumentKind("data.made:as_archive", "the data as CSV in a ZIP"),
    "fhir": DocumentKind("exchange.made:as_fhir", "FHIR R4: a bundle of a case, or of each and of the study", _CASES),
    "odm": DocumentKind("exchange.made:as_odm", "CDISC ODM 1.3.2, with the audit record of each answer", _CASES),
    "redcap": DocumentKind("exchange.made:as_redcap", "REDCap: data dictionaries and records"),
    "flow": DocumentKind("pictures.made:as_flow", "the flow of cases as CONSORT draws it (PNG)"),
    "accrual": DocumentKind(
        "pictures.made:as_accrual", "inclusions against the plan, with the projected day (PNG)", frozenset()
    ),
    "ahead": DocumentKind("pictures.made:as_ahead", "the follow-up visits of the next three months (PNG)"),
    "values": DocumentKind(
        "pictures.made:as_values", "a case's numbers against their limits (PNG)", frozenset({"case"}), of_case=True
    ),
}
