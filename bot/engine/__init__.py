"""
The loop of turns: what Telegram hands over is stored, worked, committed, and only then answered.
"""
