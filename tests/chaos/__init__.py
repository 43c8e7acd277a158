"""
The whole bot on a bad day, for longer than a test may take.
"""
