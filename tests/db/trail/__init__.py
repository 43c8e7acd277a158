"""
Tests of `db/trail`.
"""
