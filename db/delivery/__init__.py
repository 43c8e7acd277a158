"""
What comes from Telegram and what goes there: inbox, notices, leases, pace, chats.
"""
