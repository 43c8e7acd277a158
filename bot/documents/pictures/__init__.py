"""
Pictures, each with sentences that say the same.
"""
