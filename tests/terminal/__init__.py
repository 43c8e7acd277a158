"""
Tests of `bot/terminal`.
"""
