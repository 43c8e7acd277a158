"""
The command line: finds the command, in bot/commands, and says in a sentence what keeps it from its work.
"""

import argparse
import asyncio
import gc
import os
import sys
import threading
import warnings
from collections.abc import Callable, Coroutine, Sequence
from importlib import import_module
from inspect import iscoroutinefunction
from pkgutil import iter_modules
from types import ModuleType
from typing import TYPE_CHECKING

from bot import commands
from bot.commands import CommandError

if TYPE_CHECKING:
    from bot.settings import Settings


def main(arguments: Sequence[str] | None = None) -> int:
    """
    Run a command and return the exit status: 0 done, 1 bad input or a broken trail, 2 cannot start.
    """
    given = sys.argv[1:] if arguments is None else list(arguments)
    known = [module.name for module in iter_modules(commands.__path__)]
    parser = argparse.ArgumentParser(prog="python -m bot", description="The bot, and what else its server does.")
    children = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    # Only the one that is meant is loaded: assess starts without Telegram or a database.
    found = _loaded([name for name in known if given[:1] == [name]])
    from bot.settings import SettingsError

    for name, module in (found or _loaded(known)).items():
        module.declare(children.add_parser(name, help=module.HELP))
    options = parser.parse_args(given)
    run = found[options.command].run
    try:
        return _started(run(options, _settings())) if iscoroutinefunction(run) else int(run(options))
    except SettingsError as error:
        return _refused(error)
    except CommandError as error:
        print(f"{options.command}: {error}" if error.is_named else error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 0
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1


def _loaded(names: Sequence[str]) -> dict[str, ModuleType]:
    """
    Commands, with all that they need. What is loaded stays for good: the collector need not look through it again and
    again, meanwhile or later, which took a tenth of a start.
    """
    gc.disable()
    try:
        return {name: import_module(f"bot.commands.{name}") for name in names}
    finally:
        gc.freeze()
        gc.enable()


_NO_RIGHT = "42501"
"""PostgreSQL's word for what a role may not do."""


def _started(command: Coroutine[None, None, None]) -> int:
    """
    Run a command that needs the database, and say in a sentence what keeps it from starting.
    """
    from sqlalchemy.exc import SQLAlchemyError

    from bot import logs
    from bot.engine.anchoring import AnchorFileError
    from bot.keys import KeyFileError
    from bot.wire.polling import StoppedError
    from db.base.migrate import NewerDatabaseError, NoDatabaseError
    from db.base.vault import VaultError
    from db.trail.anchors import AnchorsBrokenError
    from db.trail.audit import AuditBrokenError
    from db.upkeep.case_told import FactsBrokenError
    from db.upkeep.rights import RoleRefusedError

    try:
        with asyncio.Runner(loop_factory=_event_loop()) as runner:
            runner.get_loop().set_exception_handler(logs.loop_failed)
            runner.run(command)
    except (
        AnchorFileError,
        KeyFileError,
        StoppedError,
        NewerDatabaseError,
        NoDatabaseError,
        RoleRefusedError,
    ) as error:
        return _refused(error)
    except VaultError as error:
        print(f"encryption: {error}", file=sys.stderr)
        return 2
    except (AnchorsBrokenError, AuditBrokenError, FactsBrokenError) as error:
        print(f"audit trail: {error}", file=sys.stderr)
        return 1
    except (SQLAlchemyError, OSError) as error:
        if getattr(getattr(error, "orig", None), "sqlstate", None) == _NO_RIGHT:
            print(
                "DATABASE_URL: only the owner of the tables may do this; after an update: migrate --role",
                file=sys.stderr,
            )
            return 2
        print(f"DATABASE_URL: the database cannot be used: {type(error).__name__}", file=sys.stderr)
        return 2
    return 0


def _refused(error: Exception) -> int:
    """
    Say what keeps the program from starting. What is named there may be a secret, put where a file's name should be.
    """
    from bot import logs

    print(logs.without_secrets(str(error)), file=sys.stderr)
    return 2


def _event_loop() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """
    A faster event loop where there is one.
    """
    try:
        import uvloop
    except ImportError:
        return None
    return uvloop.new_event_loop


def _settings() -> "Settings":
    """
    The settings; from here on whatever is logged is without their secrets.
    """
    from bot import logs
    from bot.settings import load

    settings = load()
    logs.begin(settings.log_level, settings.secrets)
    return settings


def _guard() -> None:
    """
    Let whatever nobody catches, in any thread, be told without any value.
    """

    def tell(error: BaseException | None) -> None:
        from bot import logs

        logs.crashed(error)

    def warn(_message: Warning | str, category: type[Warning], filename: str, lineno: int, *_: object) -> None:
        from bot import logs

        logs.warned(category, filename, lineno)

    sys.excepthook = lambda _kind, error, _trace: tell(error)
    sys.unraisablehook = lambda unraised: tell(unraised.exc_value)
    threading.excepthook = lambda failed: tell(failed.exc_value)
    warnings.showwarning = warn  # type: ignore[assignment]


if __name__ == "__main__":
    os.umask(0o077)  # a database, a report, a backup: what is written here is for nobody else
    _guard()
    sys.exit(main())
