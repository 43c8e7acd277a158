"""
Donors: items, inclusion criteria 1 to 5, exclusion criteria 1 to 4, and the queries about a donor's answers.
"""

from bot.rules.criteria import Criterion, Query, Role
from bot.rules.expressions import Expression
from bot.rules.items import Bool, Choice, Number, Several, declared
from bot.rules.protocol import Kind, Linked, Population
from bot.rules.v1.person import (
    CONTRACEPTION_WHERE_NEEDED,
    PREGNANT_AGAINST_THE_ODDS,
    PREGNANT_OR_UNPROTECTED,
    age,
    consent_signed,
    social_security,
)
from bot.rules.v1.person import ITEMS as PERSON

relationship = Choice(section="donation", options=("sibling", "parent", "other_family", "spouse", "unrelated"))
lidocaine_allergy = Bool(section="donation")
donation_contraindication = Bool(section="donation")
positive_serology = Several(section="infection", options=("htlv", "hbsag", "hcv", "hiv", "syphilis"))
positive_pcr = Several(section="infection", options=("hiv", "hbv", "hcv"))

ITEMS = (*PERSON, *declared(globals()))

# Lent by the recipient, and asked of nobody.
recipient_age = Number("linked_recipient_age", section="person", unit="y", hard=age.hard, whole=True)

CRITERIA = (
    Criterion("D-I1", Role.INCLUSION, age.at_least(18) & age.at_most(65), citation="1"),
    Criterion("D-I2", Role.INCLUSION, ~relationship.one_of("unrelated"), citation="2"),
    Criterion("D-I3", Role.INCLUSION, consent_signed.yes, citation="3"),
    Criterion("D-I4", Role.INCLUSION, social_security.yes, citation="4"),
    Criterion("D-I5", Role.INCLUSION, CONTRACEPTION_WHERE_NEEDED, citation="5"),
    Criterion("D-E1", Role.EXCLUSION, lidocaine_allergy.yes, citation="1"),
    Criterion(
        "D-E2", Role.EXCLUSION, donation_contraindication.yes | positive_serology.any | positive_pcr.any, citation="2"
    ),
    Criterion(
        "D-E3",
        Role.EXCLUSION,
        PREGNANT_OR_UNPROTECTED,
        citation="3",
        reading=(
            "The source does not say whether contraception is asked of male donors too. Read as concerning women of "
            "childbearing potential only."
        ),
    ),
    Criterion("D-E4", Role.EXCLUSION, ~social_security.yes, citation="4"),
)


def _disagree(serology: str, pcr: str) -> Expression:
    by_serology, by_pcr = positive_serology.includes(serology), positive_pcr.includes(pcr)
    return (by_serology & ~by_pcr) | (~by_serology & by_pcr)


QUERIES = (
    Query("Q8", _disagree("hiv", "hiv") | _disagree("hcv", "hcv") | _disagree("hbsag", "hbv")),
    Query("Q9", relationship.one_of("parent") & age.under(recipient_age, plus=12)),
    PREGNANT_AGAINST_THE_ODDS,
)

POPULATION = Population(Kind.DONOR, ITEMS, CRITERIA, QUERIES, linked=(Linked(recipient_age, age),))
