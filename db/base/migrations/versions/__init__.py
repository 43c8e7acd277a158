"""
One file a revision.
"""
