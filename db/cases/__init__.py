"""
Cases, their answers and what the protocol makes of them, pairs and decisions.
"""
