"""
Formats of other programs.
"""
