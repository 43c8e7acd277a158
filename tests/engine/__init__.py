"""
Tests of `bot/engine`.
"""
