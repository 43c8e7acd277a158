"""
Tests of `bot/documents`.
"""
