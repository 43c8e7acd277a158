"""
For whoever runs the server: dumps, purge, rights, and whether the facts are as the trail tells.
"""
