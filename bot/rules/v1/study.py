"""
The study's own facts: targets, inclusion period, order of preference among donors, follow-up visits.
"""

from datetime import date

from bot.rules.protocol import Visit

RECIPIENTS = 20
DONORS = 20
INCLUSION_STARTS = date(2014, 3, 1)
INCLUSION_MONTHS = 54

DONOR_ORDER = ("sibling", "parent", "other_family", "spouse")

VISITS = (
    Visit(3, ("tolerance", "malignancy", "response")),
    Visit(6, ("tolerance", "malignancy", "response")),
    Visit(9, ("tolerance", "malignancy", "response")),
    Visit(12, ("tolerance", "malignancy", "response")),
    Visit(24, ("tolerance", "malignancy", "end_of_follow_up")),
)
