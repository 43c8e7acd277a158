"""
Tests of `db/delivery`.
"""
