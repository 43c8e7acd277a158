"""
What people type: values, dates, units, names of items, searches.
"""
