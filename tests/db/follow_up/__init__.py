"""
Tests of `db/follow_up`.
"""
