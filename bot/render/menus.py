"""
Screens outside any case.
"""

from bot import taps
from bot.render.card import STATUS_SIGNS, VERDICT_SIGNS, Button, Card, button, fit
from bot.rules.assessment import Verdict
from bot.rules.protocol import Kind, Status
from bot.texts import LANGUAGES, Words
from bot.views import (
    Apology,
    CaseList,
    ChooseCaseSite,
    ChooseKind,
    ChooseLanguage,
    Help,
    Home,
    Refusal,
    Welcome,
)
from db.base.tables import Case


def home(view: Home, words: Words) -> Card:
    """
    What can be done.
    """
    first = _new_buttons(words) if view.may_screen else ()
    counted = words.count("home.in_screening", view.in_screening) if view.in_screening else words("cases.none")
    rows = [first] if first else []
    rows += [
        _menu(words, "cases:0", "board", "find"),
        _menu(words, "agenda", "reminders:0"),
        _menu(words, "help", "language"),
    ]
    if view.may_administer:
        rows.append(_menu(words, "team:0", "invite"))
    return Card(fit([words("home.title"), "", counted]), tuple(rows))


def choose_kind(_: ChooseKind, words: Words) -> Card:
    """
    Recipient or donor?
    """
    return Card(words("new.question"), (_new_buttons(words), _menu(words, "home")))


def choose_case_site(view: ChooseCaseSite, words: Words) -> Card:
    """
    At which site?
    """
    rows = tuple((button(f"{site.number:02d} {site.name}", taps.NewAt(view.kind, site.id)),) for site in view.sites)
    return Card(words("new.site"), (*rows, _menu(words, "home")))


def _new_buttons(words: Words) -> tuple[Button, ...]:
    return tuple(button(words(f"button.new.{kind}"), taps.New(kind)) for kind in Kind)


def _menu(words: Words, *screens: str) -> tuple[Button, ...]:
    return tuple(button(words(f"button.{screen.partition(':')[0]}"), taps.Menu(screen)) for screen in screens)


def case_list(view: CaseList, words: Words) -> Card:
    """
    The open cases, each a button.
    """
    lines = [words("cases.title") if view.cases or view.page else words("cases.none"), ""]
    lines += [case_line(case, words) for case in view.cases]
    rows = [
        tuple(button(case.code, taps.Open(case.id)) for case in view.cases[at : at + 3])
        for at in range(0, len(view.cases), 3)
    ]
    turn = []
    if view.page:
        turn.append(button(words("button.previous"), taps.Menu(f"cases:{view.page - 1}")))
    if view.has_more:
        turn.append(button(words("button.next"), taps.Menu(f"cases:{view.page + 1}")))
    return Card(fit(lines), (*rows, *((tuple(turn),) if turn else ()), _menu(words, "home")))


def case_line(case: Case, words: Words) -> str:
    """
    A case in one line: code, verdict, what is left.
    """
    verdict = Verdict(case.verdict)
    detail = words.count("progress.left", case.to_ask)
    if case.failing:
        detail = words("cases.failing", sign=STATUS_SIGNS[Status.FAIL], criteria=", ".join(case.failing.split()))
    elif case.awaited and not case.to_ask:
        detail = words.count("progress.awaited", case.awaited)
    return words(
        "cases.line",
        sign=VERDICT_SIGNS[verdict],
        code=case.code,
        kind=words(f"kind.{case.kind}"),
        answered=case.answered,
        detail=detail,
    )


def choose_language(_: ChooseLanguage, words: Words) -> Card:
    """
    English or French?
    """
    buttons = tuple(button(words(f"language.{language}"), taps.SetLanguage(language)) for language in LANGUAGES)
    return Card(words("language.question"), (buttons, _menu(words, "home")))


def help_(view: Help, words: Words) -> Card:
    """
    What the bot does and how.
    """
    lines = [words("help.title"), "", words("help.screening"), "", words("help.typing"), ""]
    lines += [words("help.command", name=name, text=words(f"menu.{name}")) for name in view.commands]
    if view.case is not None:
        back = button(words("button.return_to", code=view.case.code), taps.Go(view.case.id, "ask"))
        return Card(fit([*lines, "", words("help.privacy")]), ((back,),))
    first = (_new_buttons(words),) if view.may_screen else ()
    return Card(fit([*lines, "", words("help.privacy")]), (*first, _menu(words, "cases:0", "language")))


def welcome(_: Welcome, words: Words) -> Card:
    """
    The first words to a new member.
    """
    lines = [words("welcome.title"), "", words("welcome.roles"), "", words("help.privacy")]
    return Card(fit(lines), (_new_buttons(words), _menu(words, "help", "language")))


def refusal(_: Refusal, words: Words) -> Card:
    """
    The only words to a stranger.
    """
    return Card(words("refusal"))


def apology(view: Apology, words: Words) -> Card:
    """
    Something went wrong here.
    """
    here = button(words("button.return"), taps.Menu("here"))
    return Card(words("apology", reference=view.reference), ((here,),))
