"""
The migrations, and the revision that this code needs.
"""

HEAD = "0008"
