"""
Tests of the data as tables.
"""
