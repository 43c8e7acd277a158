"""
A Bot API in the process: what the terminal and the tests put in the place of Telegram.
"""
