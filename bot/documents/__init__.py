"""
What leaves the chat as a file.
"""
