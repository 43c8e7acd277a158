"""
Tests of `bot/commands`.
"""
