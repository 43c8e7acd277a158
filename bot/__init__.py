"""
A Telegram bot that screens recipients and donors for the trial NCT02213705.
"""
