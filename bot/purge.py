"""
`python -m bot purge`.
"""
