"""
Formats of other programs, and back from them: FHIR, CDISC ODM, REDCap.
"""
