"""
What the program logs: one pipeline for its own events and for those of libraries, through which no secret and no value
passes.

An event is a sentence with named fields, never with what a person typed. Of an exception its kind and its place are
told, of a library's record the sentence without its arguments: nobody knows what they hold. What remains is searched
for secrets, by their form and by those that the settings hold.
"""

import asyncio
import logging
import re
import sys
import traceback
from collections.abc import Collection
from typing import Any

import structlog
from structlog.stdlib import BoundLogger, ProcessorFormatter
from structlog.typing import EventDict

_FORMS = (
    r"\d+(?::|%3A)[A-Za-z0-9_-]{30,}",  # a bot's token, also within an address
    r"(?<=://)[^\s/]+(?=@)",  # who logs in, and how, in any address
    r"[0-9A-Fa-f]{64,}",  # a key
)
_HIDDEN = "[hidden]"
_PLACES = 6
_CAUSES = 4
_OWN = re.compile(r"(bot|db|__main__)\b")


def named(name: str) -> BoundLogger:
    """
    The logger of a module.
    """
    logger: BoundLogger = structlog.get_logger(name)
    return logger


def begin(level: str = "INFO", secrets: Collection[str] = ()) -> None:
    """
    Write to standard error from this level on, of libraries from warnings on: lines for a reader on a terminal, JSON
    elsewhere. The last call counts; where something else has set logging up, that stays.
    """
    root = logging.getLogger()
    for earlier in [one for one in root.handlers if isinstance(one.formatter, ProcessorFormatter)]:
        root.removeHandler(earlier)
    if root.handlers:
        return
    handler = logging.StreamHandler()
    handler.setFormatter(formatter(secrets, is_read=sys.stderr.isatty()))
    root.addHandler(handler)
    root.setLevel(max(logging.WARNING, logging.getLevelNamesMapping()[level]))
    for own in ("bot", "db"):
        logging.getLogger(own).setLevel(level)
    # A record that cannot be written would be printed with all that it holds.
    logging.raiseExceptions = False


def _have_begun() -> None:
    if not logging.getLogger().handlers:
        begin()


def formatter(secrets: Collection[str], *, is_read: bool) -> logging.Formatter:
    """
    What makes a line of a record, in JSON unless it `is_read`.
    """
    hidden = _pattern(secrets)

    def hide(_logger: object, _method: str, event: EventDict) -> EventDict:
        return {name: hidden.sub(_HIDDEN, value) if isinstance(value, str) else value for name, value in event.items()}

    return ProcessorFormatter(
        foreign_pre_chain=[_sentence, *_PIPELINE],
        processors=[
            ProcessorFormatter.remove_processors_meta,
            hide,
            structlog.dev.ConsoleRenderer(colors=False) if is_read else structlog.processors.JSONRenderer(),
        ],
        use_get_message=False,
    )


def without_secrets(text: str) -> str:
    """
    A text without what has a secret's form.
    """
    return _pattern(()).sub(_HIDDEN, text)


def _pattern(secrets: Collection[str]) -> re.Pattern[str]:
    return re.compile("|".join([*map(re.escape, sorted(secrets, key=len, reverse=True)), *_FORMS]))


def place_of(error: BaseException) -> str:
    """
    What failed and where, and what that came from, without any message: it may hold what a person typed.
    """
    told: list[str] = []
    found: BaseException | None = error
    while found is not None and len(told) < _CAUSES:
        places = [f"{at.f_globals.get('__name__')}:{line}" for at, line in traceback.walk_tb(found.__traceback__)]
        shown = [place for place in places[:-1] if _OWN.match(place)][-_PLACES:] + places[-1:]
        told.append(f"{type(found).__name__} at {' > '.join(shown)}" if shown else type(found).__name__)
        found = found.__cause__ or (None if found.__suppress_context__ else found.__context__)
    return ", from ".join(told)


def crashed(error: BaseException | None) -> None:
    """
    Tell of an exception that nobody has caught.
    """
    _have_begun()
    named(__name__).critical("nobody has caught an error", error=error)


def loop_failed(_loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """
    Tell of what the event loop has met. Its own message may hold the arguments of a call.
    """
    named(__name__).error("the event loop has met an error", error=context.get("exception"), of=", ".join(context))


def warned(category: type[Warning], filename: str, line: int) -> None:
    """
    Tell of a library's warning.
    """
    _have_begun()
    named(__name__).warning("a library warns", kind=category.__name__, at=f"{filename.rpartition('/')[2]}:{line}")


def _sentence(_logger: object, _method: str, event: EventDict) -> EventDict:
    words = event["_record"].msg
    return event if isinstance(words, str) else {**event, "event": type(words).__name__}


def _without_values(_logger: object, _method: str, event: EventDict) -> EventDict:
    raised = event.pop("exc_info", None)
    if raised:
        event["error"] = sys.exception() if raised is True else raised[1] if isinstance(raised, tuple) else raised
    return {name: _told(value) for name, value in event.items()}


def _told(value: object) -> object:
    if isinstance(value, BaseException):
        return place_of(value)
    return value if value is None or isinstance(value, str | int | float) else type(value).__name__


_PIPELINE = (
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    _without_values,
)

# At once and not when the program begins: until this is done the library prints values, with the whole traceback.
structlog.configure(
    processors=[structlog.stdlib.filter_by_level, *_PIPELINE, ProcessorFormatter.wrap_for_formatter],
    logger_factory=structlog.stdlib.LoggerFactory(),
    wrapper_class=BoundLogger,
    cache_logger_on_first_use=True,
)
