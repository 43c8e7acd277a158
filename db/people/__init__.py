"""
Who is on the team, what they may see, and how they came in.
"""
