"""
What the bot costs, measured: `python -m tests.bench`.
"""
