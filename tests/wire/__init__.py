"""
Tests of `bot/wire`.
"""
