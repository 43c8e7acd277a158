"""
Tests of `db/base`.
"""
