"""
The infusion, the visits, and what people are reminded of.
"""
