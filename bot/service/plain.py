"""
A start without what a service does not use. httpx loads a command line of its own and structlog a way to print
tracebacks, both with that rich; and python-telegram-bot what decrypts passports. That is 120 modules, 11 MiB and a
tenth of the start's processor time. While these three are loaded the others are not to be found, which they take;
whoever wants those afterwards has them.
"""

import sys

_HIDDEN = frozenset({"rich", "httpx._main", "cryptography"}) - sys.modules.keys()

sys.modules.update(dict.fromkeys(_HIDDEN))  # type: ignore[arg-type]  # None: cannot be imported
try:
    import httpx  # noqa: F401
    import structlog  # noqa: F401
    import telegram  # noqa: F401
finally:
    for _name in _HIDDEN:
        del sys.modules[_name]
