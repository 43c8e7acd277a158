"""
A start without what a service does not use. httpx loads a command line of its own and structlog a way to print
tracebacks, both with that rich; and python-telegram-bot what decrypts passports. That is 120 modules, 11 MiB and a
tenth of the start's processor time.
"""

from db.base.plain import without

with without("rich", "httpx._main", "cryptography"):
    import httpx  # noqa: F401
    import structlog  # noqa: F401
    import telegram  # noqa: F401
