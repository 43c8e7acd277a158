"""
Talking to Telegram: HTTP, the client, what it allows and refuses, and how fast.
"""
