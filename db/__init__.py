"""
The facts: tables, the queries over them, and their migrations.

Query functions take the session first and the rest by keyword; they never commit.
"""
