"""
What other vocabularies call the items and their units: UCUM for every unit, LOINC where a code was checked.
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

LOINC = {
    "dlco": "98130-8",
    "fvc": "19872-1",
    "tlc": "89085-5",
    "spap": "8440-0",
    "creatinine_clearance": "35591-7",
    "cd4": "24467-3",
}
