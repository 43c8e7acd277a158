"""
What UCUM calls the units.
"""

UCUM = {
    "y": "a",
    "points": "{score}",
    "% predicted": "%",
    "%": "%",
    "mmHg": "mm[Hg]",
    "kPa": "kPa",
    "h": "h",
    "mL/min/m2": "mL/min/m2",
    "mL/min/1.73m2": "mL/min/{1.73_m2}",
    "x ULN": "{xULN}",
    "10^9/L": "10*9/L",
    "10^6/L": "10*6/L",
    "g/dL": "g/dL",
}
