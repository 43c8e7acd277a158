"""
Tests of papers.
"""
