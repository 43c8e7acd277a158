"""
What is asked of recipients and donors alike: age, childbearing potential, consent, social security.
"""

from decimal import Decimal

from bot.rules.criteria import Query
from bot.rules.items import Bool, Choice, Number, declared

age = Number(
    section="person",
    unit="y",
    hard=(Decimal(0), Decimal(120)),
    soft=(Decimal(16), Decimal(85)),
    whole=True,
)
sex = Choice(section="person", options=("female", "male"))
childbearing_potential = Bool(section="person", gate=sex.one_of("female"))
pregnant = Bool(section="person", gate=childbearing_potential.yes)
effective_contraception = Bool(section="person", gate=childbearing_potential.yes)
consent_signed = Bool(section="consent")
social_security = Bool(section="consent")

ITEMS = declared(globals())

OF_CHILDBEARING_POTENTIAL = sex.one_of("female") & childbearing_potential.yes
CONTRACEPTION_WHERE_NEEDED = ~OF_CHILDBEARING_POTENTIAL | effective_contraception.yes
PREGNANT_OR_UNPROTECTED = OF_CHILDBEARING_POTENTIAL & (pregnant.yes | ~effective_contraception.yes)

PREGNANT_AGAINST_THE_ODDS = Query(
    "Q11", pregnant.yes & (~childbearing_potential.yes | sex.one_of("male")), of_set_aside=True
)
