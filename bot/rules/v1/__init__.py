"""
NCT02213705, version 1: allogeneic mesenchymal stem cells for severe refractory systemic sclerosis.
"""

from bot.rules.protocol import Protocol
from bot.rules.v1 import donor, recipient, study

PROTOCOL = Protocol(
    version="NCT02213705/1",
    recipient=recipient.POPULATION,
    donor=donor.POPULATION,
    visits=study.VISITS,
    relationship=donor.relationship,
    donor_order=study.DONOR_ORDER,
)
