"""
What runs from the command line and ends.
"""
