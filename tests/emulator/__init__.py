"""
Tests of `bot/emulator`.
"""
