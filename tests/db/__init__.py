"""
The facts: each on SQLite and on PostgreSQL.
"""
