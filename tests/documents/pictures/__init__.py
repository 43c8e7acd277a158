"""
Tests of the pictures.
"""
