"""
Papers: what is printed, signed by hand, filed.
"""
