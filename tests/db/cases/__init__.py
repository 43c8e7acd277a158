"""
Tests of `db/cases`.
"""
