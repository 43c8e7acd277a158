"""
The program as it is run, killed and started again.
"""
