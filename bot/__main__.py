"""
The command line.
"""

import argparse
import asyncio
import os
import sys
import threading
import warnings
from collections.abc import Callable, Coroutine, Sequence
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from bot.settings import Settings, SettingsError, load


def main(arguments: Sequence[str] | None = None) -> int:
    """
    Run a command and return the exit status: 0 done, 1 bad input or a broken trail, 2 cannot start.
    """
    parser = argparse.ArgumentParser(prog="python -m bot", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    demo = commands.add_parser("demo", help="chat in the terminal on invented cases")
    demo.add_argument("--days", type=int, default=0, metavar="N", help="let so many days pass first, with reminders")
    chat = commands.add_parser("chat", help="chat in the terminal, with no token")
    chat.add_argument("--as", dest="name", metavar="NAME", help="as another person; in the chat, /as NAME switches")
    commands.add_parser("run", help="run on Telegram, with BOT_TOKEN from the environment or .env")
    assess = commands.add_parser("assess", help="assess cases, JSON Lines in and out")
    assess.add_argument("file", nargs="?", type=Path, help="standard input by default")
    _declare_protocol(commands.add_parser("protocol", help="print the criteria, to proofread or for other programs"))
    audit = commands.add_parser("audit", help="the audit trail")
    _declare_audit(audit)
    keys = commands.add_parser("keys", help="the keys that encrypt what is stored")
    keys.add_argument("action", choices=("new", "rotate"), help="add a key; rewrite what older ones wrote")
    migrate = commands.add_parser("migrate", help="bring the database up to date, as the owner of its tables")
    migrate.add_argument("--role", metavar="ROLE", help="the bot's own role in PostgreSQL: give it its rights, no more")
    _declare_amend(commands.add_parser("amend", help="which cases another version of the rules would change"))
    _declare_export(commands.add_parser("export", help="papers, pictures and data, into a new file"))
    commands.add_parser("rebuild", help="assess every stored case anew for the lists")
    backup = commands.add_parser("backup", help="everything into a new file, while the bot goes on")
    backup.add_argument("file", type=Path, metavar="FILE")
    restore = commands.add_parser("restore", help="a backup into an empty database")
    restore.add_argument("file", type=Path, metavar="FILE")
    _declare_purge(commands.add_parser("purge", help="take out cases that are no longer to be kept"))
    _declare_people(commands.add_parser("people", help="who may do what", epilog=_WHO))
    _declare_sites(commands.add_parser("sites", help="the trial's sites"))
    options = parser.parse_args(arguments)
    try:
        return _COMMANDS[options.command](options)
    except SettingsError as error:
        return _refused(error)
    except KeyboardInterrupt:
        return 0
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1


def _declare_protocol(parser: argparse.ArgumentParser) -> None:
    from bot.commands.protocol import declare

    declare(parser)


def _declare_amend(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("old", metavar="OLD", help="the version that the cases began with, such as 1")
    parser.add_argument("new", metavar="NEW", help="the version to try on them")


def _declare_export(parser: argparse.ArgumentParser) -> None:
    from bot.commands.export import declare

    declare(parser)


def _declare_audit(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", required=True)
    verify = actions.add_parser("verify", help="check every entry, and all that is stored against them")
    verify.add_argument("--anchor", type=Path, metavar="FILE", help="also against what was anchored there")
    anchor = actions.add_parser("anchor", help="write down the newest entry, outside the database")
    anchor.add_argument("file", type=Path, metavar="FILE", help="a line is added to it")


_WHO = "PERSON is the number that `people list` shows first, or the person's numeric Telegram id."


def _declare_people(parser: argparse.ArgumentParser) -> None:
    """
    The arguments of each action; what it does stands in bot/commands/people.py.
    """
    actions = parser.add_subparsers(dest="action", required=True)
    actions.add_parser("list", help="everyone, with their roles")
    invite = actions.add_parser("invite", help="make a code that lets one person in")
    grant = actions.add_parser("grant", help="give a person a further role", epilog=_WHO)
    revoke = actions.add_parser("revoke", help="take a role away", epilog=_WHO)
    shut_out = actions.add_parser("deactivate", help="shut a person out, at once", epilog=_WHO)
    let_in = actions.add_parser("reactivate", help="let a person in again", epilog=_WHO)
    enrol = actions.add_parser("enrol", help="set up a person's authenticator app, here in the terminal", epilog=_WHO)
    reset = actions.add_parser("reset-authenticator", help="let a person set up another authenticator", epilog=_WHO)
    for action in (grant, revoke, shut_out, let_in, enrol, reset):
        action.add_argument("person", type=int, metavar="PERSON")
    for action in (invite, grant, revoke):
        action.add_argument("role", choices=("administrator", "coordinator", "investigator", "monitor"), metavar="ROLE")
        place = action.add_mutually_exclusive_group()
        place.add_argument("--site", type=int, metavar="N", help="the site's number; the only site by default")
        place.add_argument("--all-sites", action="store_true", help="every site; not for coordinators")


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError("expected a date such as 2026-05-03") from None


def _declare_purge(parser: argparse.ArgumentParser) -> None:
    what = parser.add_mutually_exclusive_group()
    what.add_argument(
        "--days", type=int, default=30, metavar="N", help="cases closed without consent, untouched for N days; 30"
    )
    what.add_argument("--study-ended", type=_day, metavar="DATE", help="every case of a study that ended that day")
    what.add_argument("--log", action="store_true", help="show what is kept of the cases taken out")
    parser.add_argument("--years", type=int, metavar="N", help="with --study-ended: how long the sponsor has it kept")
    parser.add_argument("--yes", action="store_true", help="do it; otherwise it is only said")


def _declare_sites(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", required=True)
    actions.add_parser("list", help="every site")
    add = actions.add_parser("add", help="add a site under the next number")
    add.add_argument("name", metavar="NAME")
    add.add_argument("--time-zone", default="Europe/Paris", metavar="TZ", help="Europe/Paris by default")
    change = actions.add_parser("set", help="change a site: what is not said stays")
    change.add_argument("number", type=int, metavar="NUMBER", help="the number that `sites list` shows")
    change.add_argument("--name", metavar="NAME")
    change.add_argument("--time-zone", metavar="TZ", help="such as Europe/Paris")
    change.add_argument("--quiet", metavar="HH:MM-HH:MM", help="when nobody is reminded; 00:00-00:00 for never")
    change.add_argument("--weekdays", metavar="DAYS", help="when people are reminded of what can wait: 12345 is Mo-Fr")


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
    from db.upkeep.facts import FactsBrokenError
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


def _assess(options: argparse.Namespace) -> int:
    from bot.commands.assess import lines
    from bot.rules.versions import LATEST

    zone = ZoneInfo(load().site_time_zone)
    try:
        source = options.file.open("rb") if options.file else sys.stdin.buffer
    except OSError as error:
        print(f"{options.file}: {error.strerror}", file=sys.stderr)
        return 2
    status = 0
    with source:
        for text, is_good in lines(source, LATEST, lambda: datetime.now(zone).date()):
            print(text, flush=True)
            status = status if is_good else 1
    return status


def _protocol(options: argparse.Namespace) -> int:
    from bot.commands.protocol import lines
    from bot.rules.versions import LATEST

    print(*lines(options, LATEST), sep="\n", end="")
    return 0


def _amend(options: argparse.Namespace) -> int:
    from bot.commands.amend import UnknownVersionError, run

    try:
        return _started(run(options, _settings()))
    except UnknownVersionError as error:
        print(f"amend: {error}", file=sys.stderr)
        return 1


def _export(options: argparse.Namespace) -> int:
    from bot.commands.export import ExportError, run

    try:
        return _started(run(options, _settings()))
    except ExportError as error:
        print(f"export: {error}", file=sys.stderr)
        return 1


def _chat(options: argparse.Namespace) -> int:
    from bot.terminal.chat import chat

    return _started(chat(_settings(), name=options.name))


def _demo(options: argparse.Namespace) -> int:
    from bot.terminal.demo import demo

    return _started(demo(_settings(), max(0, options.days)))


def _run(_: argparse.Namespace) -> int:
    from bot.service.running import run

    settings = _settings()
    if settings.bot_token is None:
        raise SettingsError("BOT_TOKEN is not set: get one from BotFather and put it into .env; make chat needs none")
    return _started(run(settings))


def _audit(options: argparse.Namespace) -> int:
    from bot.commands.upkeep import anchor, verify

    if options.action == "anchor":
        return _started(anchor(_settings(), options.file))
    return _started(verify(_settings(), options.anchor))


def _keys(options: argparse.Namespace) -> int:
    from bot.commands.upkeep import new_key, rotate
    from bot.keys import KeyFileError

    if options.action == "rotate":
        return _started(rotate(_settings()))
    try:
        new_key(_settings())
    except KeyFileError as error:
        return _refused(error)
    return 0


def _migrate(options: argparse.Namespace) -> int:
    from bot.commands.upkeep import migrate

    return _started(migrate(_settings(), options.role))


def _rebuild(_: argparse.Namespace) -> int:
    from bot.commands.upkeep import rebuild

    return _started(rebuild(_settings()))


def _backup(options: argparse.Namespace) -> int:
    from bot.commands.backup import BackupError, backup, restore

    command = backup if options.command == "backup" else restore
    try:
        return _started(command(_settings(), options.file))
    except BackupError as error:
        print(f"{options.command}: {error}", file=sys.stderr)
        return 1


def _purge(options: argparse.Namespace) -> int:
    from bot.commands.purge import PurgeRefusedError, run

    try:
        return _started(run(options, _settings()))
    except PurgeRefusedError as error:
        print(f"purge: {error}", file=sys.stderr)
        return 1


def _people(options: argparse.Namespace) -> int:
    from bot.commands.people import CommandError, run

    try:
        return _started(run(options, _settings()))
    except CommandError as error:
        print(error, file=sys.stderr)
        return 1


_COMMANDS = {
    "assess": _assess,
    "protocol": _protocol,
    "amend": _amend,
    "export": _export,
    "chat": _chat,
    "demo": _demo,
    "run": _run,
    "audit": _audit,
    "keys": _keys,
    "migrate": _migrate,
    "backup": _backup,
    "restore": _backup,
    "purge": _purge,
    "rebuild": _rebuild,
    "people": _people,
    "sites": _people,
}


def _settings() -> Settings:
    """
    The settings; from here on whatever is logged is without their secrets.
    """
    from bot import logs

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
