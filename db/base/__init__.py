"""
What every other room stands on: the engine, the tables, the column types, the migrations, encryption at rest.
"""
