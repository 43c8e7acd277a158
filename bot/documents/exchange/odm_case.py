"""
Cases as CDISC ODM clinical data: every answer ever given, each with its audit record; and the answers that count, read
from that again.

An answer is an item of data for each of its cells. What it says beyond them stands as entered in an annotation, and the
day and kind of its examination in a second one. A cell that it has no longer is removed, so that what was last said of
each cell is what counts.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from xml.etree.ElementTree import Element, ParseError, fromstring, indent, tostring

from bot.documents.exchange.cells import Field, FieldValue, cells_of, fields_of, is_plain, read
from bot.documents.exchange.examined import plainly
from bot.documents.exchange.filed import Filed, FiledAnswer
from bot.documents.exchange.lines import Line, NotRecordsError, line
from bot.documents.exchange.odm_form import study
from bot.documents.exchange.odm_words import NAMESPACE, VERSION, add, item_oid, oid
from bot.documents.stated import COMPARATOR
from bot.rules import file_form
from bot.rules.items import Choice, Date, Number
from bot.rules.protocol import Kind, Population, Protocol

_SYSTEM = "msc-ssc-screening"
_ENTERED, _EXAMINED = "1", "2"
"""Which annotation an answer as entered is, and which its examination."""


def document(cases: Iterable[Filed], protocols: Sequence[Protocol], made: datetime) -> bytes:
    """
    A file with all that is asked under these versions of the protocol, and the cases that began under one of them.
    """
    found = list(cases)
    root = Element(
        "ODM",
        {
            "xmlns": NAMESPACE,
            "ODMVersion": VERSION,
            "FileType": "Transactional",
            "FileOID": oid("FILE", f"{made:%Y%m%dT%H%M%S}"),
            "CreationDateTime": made.isoformat(),
            "SourceSystem": _SYSTEM,
        },
    )
    study(root, protocols)
    if found:
        _staff(root, found)
    for protocol in protocols:
        if own := [case for case in found if case.version == protocol.version]:
            data = add(root, "ClinicalData", **_defined(own[0]))
            for case in own:
                _subject(data, case)
    indent(root)
    written: bytes = tostring(root, encoding="utf-8", xml_declaration=True)
    return written


def _defined(case: Filed) -> dict[str, str]:
    number = case.version.partition("/")[0]
    return {"StudyOID": oid("ST", number), "MetaDataVersionOID": oid("MDV", case.version)}


def _staff(root: Element, cases: Sequence[Filed]) -> None:
    """
    Whose answers they are, and where: by number.
    """
    defined = _defined(cases[0])
    node = add(root, "AdminData", StudyOID=defined["StudyOID"])
    for person in sorted({entry.person for case in cases for entry in case.entries}):
        add(node, "User", OID=oid("U", person))
    first = min((entry.at.date() for case in cases for entry in case.entries), default=cases[0].as_of)
    for site in sorted({case.site for case in cases}):
        place = add(node, "Location", OID=oid("L", site), Name=f"{site:02d}", LocationType="Site")
        add(place, "MetaDataVersionRef", **defined, EffectiveDate=first.isoformat())


def _subject(data: Element, case: Filed) -> None:
    kind = case.population.kind
    node = add(data, "SubjectData", SubjectKey=case.code, TransactionType="Insert")
    add(node, "SiteRef", LocationOID=oid("L", case.site))
    event = add(node, "StudyEventData", StudyEventOID=oid("SE", kind))
    form = add(event, "FormData", FormOID=oid("F", kind))
    items = case.population.item
    groups: dict[str, Element] = {}
    said: dict[str, set[str]] = {}
    for entry in case.entries:
        item = items[entry.item]
        if item.section not in groups:
            groups[item.section] = add(form, "ItemGroupData", ItemGroupOID=oid("IG", kind, item.section))
        _answer(groups[item.section], case, entry, said.setdefault(item.key, set()))


def _answer(group: Element, case: Filed, entry: FiledAnswer, said: set[str]) -> None:
    """
    One answer; `said` are the fields of which something was said before.
    """
    item = case.population.item[entry.item]
    cells = {} if entry.is_taken_back else cells_of(item, entry.raw)
    comment = None if entry.is_taken_back or is_plain(item, entry.raw) else file_form.dumps(entry.raw)
    notes = {_ENTERED: comment, _EXAMINED: file_form.dumps(plainly(entry.examined)) if any(entry.examined) else None}
    fields = fields_of(item)
    told = [field for field in fields if field.name in cells or field.name in said] or list(fields[:1])
    for field in told:
        cell = cells.get(field.name)
        change = "Remove" if cell is None and comment is None else "Update" if field.name in said else "Insert"
        value = {"IsNull": "Yes"} if cell is None else {"Value": _text(cell)}
        node = add(group, "ItemData", ItemOID=item_oid(case.population, field), TransactionType=change, **value)
        _audit(node, case, entry)
        for number, note in notes.items():
            if note is not None:
                add(add(node, "Annotation", SeqNum=number), "Comment", note, SponsorOrSite="Site")
        notes = {}
        said.add(field.name)


def _audit(node: Element, case: Filed, entry: FiledAnswer) -> None:
    record = add(node, "AuditRecord")
    add(record, "UserRef", UserOID=oid("U", entry.person))
    add(record, "LocationRef", LocationOID=oid("L", case.site))
    add(record, "DateTimeStamp", entry.at.isoformat())
    if entry.reason:
        add(record, "ReasonForChange", entry.reason)
    add(record, "SourceID", entry.source)


def _text(cell: FieldValue) -> str:
    match cell:
        case bool():
            return "true" if cell else "false"
        case Decimal():
            return f"{cell:f}"
    return str(cell)


_NAMES = {"odm": NAMESPACE}


def lines(text: str, protocol: Protocol, as_of: date) -> Iterator[Line]:
    """
    The cases of a file, with the answers that count. Raises NotRecordsError.
    """
    try:
        root = fromstring(text)  # noqa: S314  expat itself refuses entities that grow
        subjects = root.findall("odm:ClinicalData/odm:SubjectData", _NAMES)
        for number, subject in enumerate(subjects, start=1):
            for kind in Kind:
                population = protocol.population(kind)
                form = subject.find(f"odm:StudyEventData/odm:FormData[@FormOID='{oid('F', kind)}']", _NAMES)
                if form is not None:
                    answers, told = _answers(form, population)
                    yield line(number, subject.attrib["SubjectKey"], population, answers, as_of, told)
    except (ArithmeticError, LookupError, ParseError, TypeError, ValueError):
        raise NotRecordsError("not this program's questions and answers in ODM") from None


def _answers(form: Element, population: Population) -> tuple[dict[str, object], dict[str, object]]:
    """
    The answers that count, and what is told of their examinations.
    """
    last = {node.attrib["ItemOID"]: node for node in form.iter(f"{{{NAMESPACE}}}ItemData")}
    cells: dict[str, FieldValue] = {}
    noted: dict[str, dict[str, object]] = {_ENTERED: {}, _EXAMINED: {}}
    for item in population.items:
        for field in fields_of(item):
            node = last.get(item_oid(population, field))
            if node is not None:
                cells.update((field.name, cell) for cell in _cell(field, node.get("Value")))
                for number, notes in noted.items():
                    for comment in node.iterfind(f"odm:Annotation[@SeqNum='{number}']/odm:Comment", _NAMES):
                        notes[item.key] = file_form.loads(comment.text or "")
    return read(population, cells, noted[_ENTERED]), noted[_EXAMINED]


def _cell(field: Field, text: str | None) -> Iterator[FieldValue]:
    match field.item:
        case _ if text is None:
            return
        case Number() if field.part == COMPARATOR:
            yield text
        case Choice():
            yield text
        case Date():
            yield date.fromisoformat(text)
        case _ if text in {"true", "false"}:
            yield text == "true"
        case _:
            yield Decimal(text)
