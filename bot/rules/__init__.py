"""
The protocol as declarations, and the small engine that interprets them.

Nothing here knows of Telegram, of a database, of the clock or of any language: dates come in as arguments, and what
people read is looked up elsewhere by the ids declared here.
"""
