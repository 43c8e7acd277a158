"""
The study and its criteria in FHIR R4: for each population a group, an evidence variable and the CQL that both rest on;
and the study itself.

A characteristic cites a definition of the CQL library by its id. Inclusions are characteristics that are there,
exclusions ones that are not.
"""

from base64 import b64encode
from collections.abc import Iterable

from bot.documents.exchange.fhir_case import subject
from bot.documents.exchange.fhir_form import questionnaire, version
from bot.documents.exchange.fhir_words import BASE, CRITERIA, Resource, bundle, code_of, coding, said
from bot.documents.exchange.filed import Filed
from bot.rules.cql import library, name_of
from bot.rules.criteria import Criterion, Role
from bot.rules.protocol import Kind, Population, Protocol


def criteria_bundle(protocol: Protocol) -> Resource:
    """
    The criteria of both populations.
    """
    return bundle(*_criteria(protocol))


def study_bundle(protocol: Protocol, cases: Iterable[Filed]) -> Resource:
    """
    The study: its criteria, its questions, and who was screened for it.
    """
    subjects = [one for case in cases for one in subject(case, protocol)]
    forms = [questionnaire(protocol, protocol.population(kind)) for kind in Kind]
    return bundle(_study(protocol), *_criteria(protocol), *forms, *subjects)


def _criteria(protocol: Protocol) -> list[Resource]:
    makers = (_group, _evidence, _library)
    return [make(protocol, protocol.population(kind)) for kind in Kind for make in makers]


def _study(protocol: Protocol) -> Resource:
    number = code_of(protocol.version)
    return {
        "resourceType": "ResearchStudy",
        "id": number,
        "identifier": [{"system": "https://clinicaltrials.gov", "value": number}],
        **said("title", "exchange.study"),
        "status": "active",
        "enrollment": [{"reference": f"Group/{kind}"} for kind in Kind],
        "arm": [{"name": str(kind), **said("description", f"kind.{kind}")} for kind in Kind],
    }


def _group(protocol: Protocol, population: Population) -> Resource:
    return {
        "resourceType": "Group",
        "id": str(population.kind),
        "identifier": [{"system": f"{BASE}/sid/group", "value": f"{protocol.version}/{population.kind}"}],
        "active": True,
        "type": "person",
        "actual": False,
        **said("name", f"kind.{population.kind}"),
        "characteristic": [
            {
                "code": {"coding": [coding(CRITERIA, criterion.id)], **said("text", f"criterion.{criterion.id}")},
                "valueBoolean": True,
                "exclude": criterion.role is Role.EXCLUSION,
            }
            for criterion in population.criteria
        ],
    }


def _evidence(protocol: Protocol, population: Population) -> Resource:
    return {
        "resourceType": "EvidenceVariable",
        "id": str(population.kind),
        "url": f"{BASE}/EvidenceVariable/{population.kind}",
        "version": version(protocol),
        "name": f"Eligible{population.kind.capitalize()}",
        **said("title", f"kind.{population.kind}"),
        "status": "active",
        "characteristic": [_characteristic(criterion, protocol, population) for criterion in population.criteria],
    }


def _characteristic(criterion: Criterion, protocol: Protocol, population: Population) -> Resource:
    return {
        **said("description", f"criterion.{criterion.id}"),
        "definitionExpression": {
            "language": "text/cql",
            "expression": f'"{criterion.id}"',
            "reference": f"{_address(protocol, population)}|{version(protocol)}",
        },
        "exclude": criterion.role is Role.EXCLUSION,
    }


def _address(protocol: Protocol, population: Population) -> str:
    return f"{BASE}/Library/{name_of(protocol, population)}"


def _library(protocol: Protocol, population: Population) -> Resource:
    code = "http://terminology.hl7.org/CodeSystem/library-type"
    return {
        "resourceType": "Library",
        "id": name_of(protocol, population).replace("_", "-"),
        "url": _address(protocol, population),
        "version": version(protocol),
        "name": name_of(protocol, population),
        "status": "active",
        "type": {"coding": [coding(code, "logic-library")]},
        "content": [
            {
                "contentType": "text/cql",
                "data": b64encode(library(protocol, population).encode()).decode(),
            }
        ],
    }
