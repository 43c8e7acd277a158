"""
Tests of `bot/typed`.
"""
