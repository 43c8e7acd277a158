"""
What runs until it is stopped: the bot on Telegram, and the ports that others call.
"""
