"""
The data as tables, in a workbook or as CSV, with a dictionary of what stands where.
"""
