"""
The audit trail: sealed, anchored outside the database, and its keys.
"""
