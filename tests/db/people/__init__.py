"""
Tests of `db/people`.
"""
