"""
What is asked of recipients and donors alike: age, childbearing potential, consent, social security.
"""

from decimal import Decimal

from bot.rules.items import Bool, Choice, Number
from bot.rules.protocol import Query

age = Number(
    "age",
    section="person",
    unit="y",
    hard=(Decimal(0), Decimal(120)),
    soft=(Decimal(16), Decimal(85)),
    whole=True,
)
sex = Choice("sex", section="person", options=("female", "male"))
childbearing_potential = Bool("childbearing_potential", section="person", gate=sex.one_of("female"))
pregnant = Bool("pregnant", section="person", gate=childbearing_potential.yes)
effective_contraception = Bool("effective_contraception", section="person", gate=childbearing_potential.yes)
consent_signed = Bool("consent_signed", section="consent")
social_security = Bool("social_security", section="consent")

OF_CHILDBEARING_POTENTIAL = sex.one_of("female") & childbearing_potential.yes
CONTRACEPTION_WHERE_NEEDED = ~OF_CHILDBEARING_POTENTIAL | effective_contraception.yes
PREGNANT_OR_UNPROTECTED = OF_CHILDBEARING_POTENTIAL & (pregnant.yes | ~effective_contraception.yes)

PREGNANT_AGAINST_THE_ODDS = Query(
    "Q11", pregnant.yes & (~childbearing_potential.yes | sex.one_of("male")), of_set_aside=True
)
