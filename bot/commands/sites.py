"""
`python -m bot sites`: the trial's sites, and what each has set.
"""

import argparse
import json
import re
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from bot import keys
from bot.commands.people.job import Action, ActionError, Job, carry_out, printable, site_numbered
from bot.settings import Settings
from db.base.tables import Examination, Site
from db.cases import ageing
from db.people import sites
from db.people.sites import sites_within
from db.trail.audit import PROGRAM

HELP = "the trial's sites"
_LONGEST_NAME = 60
_TIME = re.compile(r"(?:[01][0-9]|2[0-3]):[0-5][0-9]")
_DAYS = re.compile(r"[1-9][0-9]{0,3}")
_WEEKDAYS = re.compile(r"[1-7]{1,7}")


def declare(parser: argparse.ArgumentParser) -> None:
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
    change.add_argument(
        "--old-after",
        metavar="KIND=DAYS,...",
        help="after how many days results are marked old: laboratory=30,lung_function=90; off for never",
    )


async def run(options: argparse.Namespace, settings: Settings) -> None:
    """
    Carry out `options.action`. Raises ActionError, and db.base.migrate.NoDatabaseError.
    """
    async with keys.opened(settings, may_be_first=options.action == "add") as database:
        await carry_out(database, options, settings, ACTIONS[options.action])


async def _list(job: Job) -> None:
    for site in await sites_within(job.session, sites=None):
        job.say(_described(site))


async def _add(job: Job) -> None:
    name, zone = _name(job.options.name), _zone(job.options.time_zone)
    site = await sites.open_site(job.session, name=name, time_zone=zone, by=PROGRAM, now=job.now)
    job.say(f"site {site.number:02d} is added: {site.name}, {site.time_zone}")


async def _set(job: Job) -> None:
    options, values = job.options, {}
    if options.name is not None:
        values["name"] = _name(options.name)
    if options.time_zone is not None:
        values["time_zone"] = _zone(options.time_zone)
    if options.quiet is not None:
        values["quiet_from"], values["quiet_until"] = _quiet(options.quiet)
    if options.weekdays is not None:
        values["weekdays"] = _weekdays(options.weekdays)
    days = None if options.old_after is None else _old_after(options.old_after)
    if not values and days is None:
        raise ActionError("say what to set: --name, --time-zone, --quiet, --weekdays or --old-after")
    site = await site_numbered(job, options.number)
    is_changed = bool(await sites.change(job.session, site=site, values=values, by=PROGRAM, now=job.now))
    if days is not None:
        is_changed |= await ageing.set_old_after(job.session, site=site, days=days, by=PROGRAM, now=job.now)
    if not is_changed:
        raise ActionError(f"site {site.number:02d} is so already")
    job.say(_described(site))


def _described(site: Site) -> str:
    quiet = f"quiet {site.quiet_from}-{site.quiet_until}" if site.quiet_from != site.quiet_until else "never quiet"
    old = ",".join(f"{kind}={days}" for kind, days in json.loads(site.old_after).items()) or "off"
    shown = (printable(site.name), site.time_zone, quiet, f"weekdays {site.weekdays}", f"old after {old}")
    return "\t".join((f"{site.number:02d}", *shown))


def _name(text: str) -> str:
    name = text.strip()
    if not 1 <= len(name) <= _LONGEST_NAME or not name.isprintable():
        raise ActionError(f"a site's name has 1 to {_LONGEST_NAME} characters")
    return name


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ActionError("expected a time zone such as Europe/Paris") from None
    return name


def _quiet(text: str) -> tuple[str, str]:
    """
    From when until when nobody is reminded; from a time until the same: never quiet.
    """
    times = text.split("-")
    if len(times) != 2 or not all(_TIME.fullmatch(time) for time in times):  # noqa: PLR2004  from and until
        raise ActionError("expected quiet hours such as 19:00-08:00; 00:00-00:00 for none")
    return times[0], times[1]


def _weekdays(text: str) -> str:
    if not _WEEKDAYS.fullmatch(text) or len(set(text)) != len(text):
        raise ActionError("expected weekdays such as 12345: 1 is Monday, 7 is Sunday")
    return "".join(sorted(text))


def _old_after(text: str) -> dict[Examination, int]:
    """
    After how many days results are old, by examination; none of them where it is off.
    """
    if text == "off":
        return {}
    found = {}
    for kind, _, days in (one.partition("=") for one in text.split(",")):
        if kind not in set(Examination) or kind in found or not _DAYS.fullmatch(days):
            raise ActionError(
                f"expected laboratory=30,lung_function=90 or off; examinations are {', '.join(Examination)}"
            )
        found[Examination(kind)] = int(days)
    return found


ACTIONS: dict[str, Action] = {"list": _list, "add": _add, "set": _set}
"""What each action does; what it is told, `declare` says."""
