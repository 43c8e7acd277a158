"""
Tests of `bot/service`.
"""
