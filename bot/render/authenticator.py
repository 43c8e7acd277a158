"""
The authenticator app, whose codes sign.
"""

import io

from bot import taps
from bot.render.buttons import to
from bot.render.card import Button, Card, File, button, fit
from bot.render.renderers import renders
from bot.screens.authenticator import AuthenticatorState, NewSecret
from bot.screens.decisions import DecideScreen
from bot.screens.menus import HomeScreen
from bot.texts import Words
from db.base.tables import Case


@renders(NewSecret)
def enrol(view: NewSecret, words: Words) -> Card:
    """
    The secret as a QR code, and as text for who reads this on the phone that has the app.
    """
    import segno  # noqa: PLC0415  a start has no need of it

    picture = io.BytesIO()
    segno.make(view.uri).save(picture, kind="png", scale=6, border=4)
    lines = [
        words("authenticator.scan"),
        words("authenticator.secret", secret=view.secret),
        "",
        words("authenticator.confirm"),
    ]
    rows = ((_home_or(view.case, words),),)
    return Card(fit(lines), rows, File("authenticator.png", picture.getvalue(), is_picture=True))


@renders(AuthenticatorState)
def authenticator_state(view: AuthenticatorState, words: Words) -> Card:
    rows: list[tuple[Button, ...]] = []
    if not view.is_ready:
        rows.append((button(words("button.enrol"), taps.Enrol()),))
    back = _home_or(view.case, words)
    return Card(words("authenticator.ready" if view.is_ready else "authenticator.none"), (*rows, (back,)))


def _home_or(case: Case | None, words: Words) -> Button:
    if case is None:
        return to(words, HomeScreen())
    return to(words, DecideScreen(), case, "button.return_to", code=case.code)
