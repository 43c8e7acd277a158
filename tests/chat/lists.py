"""
An eligible recipient as lists of values, as they are pasted or typed at the bedside.
"""

from bot import taps
from tests.chat.conversation import asked, find
from tests.conftest import Chatter

LISTS = {
    "en": (
        """
age 45, sex F, wocbp yes, pregnancy test negative, effective contraception yes
consent yes, social security yes, family_donor_consents yes
""",
        """
acr/eular yes
severe visceral involvement yes
immunosuppression resistant
fibrosing_lung_life_threatening no
high-dose cyclophosphamide yes
last bolus 3/1/2024
rapidly progressive yes
mRSS 22
""",
        """
PFT 12/4: DLCO 58 %, FVC 80 %
ILD yes
lung other causes yes
""",
        """
heart findings: av_block_2_3
heart other causes yes
bp_first 165/95
bp_second 170/100
bp_hours_apart 24 h
renal_findings none
renal_other_causes_excluded yes
""",
        """
RHC yes
pah_confirmed no
mPAP 20 mmHg
sPAP 30 mmHg
PaO2 11 kPa
PaCO2 40 mmHg
LVEF 60 %
refractory_heart_failure no
uncontrolled_ventricular_arrhythmia no
effusion_haemodynamic_compromise no
creatinine_clearance 90 mL/min/m2
cyclophosphamide_cystopathy no
""",
        """
Transaminases 1 x ULN
Bilirubin 0.5 x ULN
liver_rise_persistent no
neutrophils 4 G/L
platelets 250 G/L
Hb 12.1 g/dL
CD4 600 /mm3
positive_serology none
chronic_hepatitis none
malignancy none
toxic_exposure none
uncontrolled_psychiatric_disorder no
uncontrolled_hypertension no
uncontrolled_infection no
poor_compliance_risk no
""",
    ),
    "fr": (
        """
âge 45, sexe F, procréer oui, test de grossesse négatif, contraception efficace oui
consentement oui, sécurité sociale oui, family_donor_consents oui
""",
        """
acr/eular oui
atteinte viscérale sévère oui
immunosuppression résistant
fibrosing_lung_life_threatening non
cyclophosphamide à forte dose oui
dernier bolus 3/1/2024
rapidement progressive oui
Rodnan 22
""",
        """
EFR 12/4 : DLCO 58 %, CVF 80 %
PID oui
poumon autres causes oui
""",
        """
heart_findings : av_block_2_3
cœur autres causes oui
bp_first 165/95
bp_second 170/100
bp_hours_apart 24 h
renal_findings aucun
renal_other_causes_excluded oui
""",
        """
KT droit oui
pah_confirmed non
PAPm 20 mmHg
PAPs 30 mmHg
PaO2 11 kPa
PaCO2 40 mmHg
FEVG 60 %
refractory_heart_failure non
uncontrolled_ventricular_arrhythmia non
effusion_haemodynamic_compromise non
creatinine_clearance 90 mL/min/m2
cyclophosphamide_cystopathy non
""",
        """
transaminases 1 N
bilirubine 0,5 N
liver_rise_persistent non
PNN 4 G/L
plaquettes 250 G/L
Hb 12,1 g/dL
CD4 600 /mm3
positive_serology aucune
chronic_hepatitis aucune
malignancy aucun
toxic_exposure aucune
uncontrolled_psychiatric_disorder non
uncontrolled_hypertension non
uncontrolled_infection non
poor_compliance_risk non
""",
    ),
}


async def screen_by_lists(person: Chatter) -> int:
    """
    Screen an eligible recipient by lists; how many messages and presses it took, the opening of the case included.
    """
    await person.say("/new recipient")
    number = 1
    for text in LISTS[person.language]:
        await person.say(text)
        number += 1 + await store_all(person)
    assert asked(person.card) is None, f"{asked(person.card)} is still asked"
    return number


async def store_all(person: Chatter) -> int:
    """
    Confirm the list on the card, and what follows of it on others; how many presses that took.
    """
    number = 0
    while (button := find(person.card, lambda tap: isinstance(tap, taps.Listed) and tap.action == "all")) is not None:
        await person.tap(button)
        number += 1
    assert number, "nothing waits to be confirmed"
    return number
