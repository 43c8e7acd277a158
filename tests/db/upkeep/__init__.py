"""
Tests of `db/upkeep`.
"""
