"""
The chat in the terminal, with no token and no network.
"""
