"""
A person's authenticator app set up in the terminal, so that its secret never passes through Telegram.
"""

import argparse
import asyncio
from functools import partial

import segno

from bot.commands.people.job import ActionError, Job, called, carry_out, person_of
from bot.settings import Settings
from db.base.engine import Database
from db.people import authenticators
from db.people.authenticators import Check
from db.trail.audit import PROGRAM


async def enrol(database: Database, options: argparse.Namespace, settings: Settings) -> None:
    """
    Print the QR code, and have the first code of the app typed. Raises ActionError.
    """
    uri, secret = await carry_out(database, options, settings, _new_secret)
    segno.make(uri).terminal(compact=True)
    print(f"Scan this with the authenticator app, or enter the key {secret}")
    while True:
        try:
            code = (await asyncio.to_thread(input, "The six digits that it shows: ")).replace(" ", "")
        except EOFError:
            raise ActionError("no code was typed: the app is not set up") from None
        result = await carry_out(database, options, settings, partial(_confirm, code=code))
        if result is Check.RIGHT:
            print("The app is set up. Clear this terminal.")
            return
        if result is Check.LOCKED:
            raise ActionError("too many wrong codes: locked for an hour")
        print("That code has served already: wait for the next." if result is Check.USED else "Not the right code.")


async def _new_secret(job: Job) -> tuple[str, str]:
    one = await person_of(job)
    found = await authenticators.enrol(job.session, person_id=one.person.id, by=PROGRAM, now=job.now)
    if authenticators.is_ready(found):
        raise ActionError(f"{called(one)} has an authenticator; people reset-authenticator takes it away")
    return authenticators.uri(found, one.person), found.secret


async def _confirm(job: Job, *, code: str) -> Check:
    one = await person_of(job)
    found = await authenticators.of(job.session, person_id=one.person.id)
    if found is None:
        raise ActionError(f"{called(one)} has no authenticator any more")
    return await authenticators.check(job.session, authenticator=found, code=code, by=PROGRAM, at=job.now)
