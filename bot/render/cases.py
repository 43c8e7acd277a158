"""
The cases being screened, and what a new one is.
"""

from bot import taps
from bot.render.buttons import menu, of_cases, turning
from bot.render.card import STATUS_SIGNS, VERDICT_SIGNS, Button, Card, button, fit
from bot.render.renderers import renders
from bot.rules.assessment import Verdict
from bot.rules.criteria import Status
from bot.rules.protocol import Kind
from bot.screens.cases import CaseList, CasesScreen, ChooseCaseSite, ChooseKind
from bot.screens.menus import HomeScreen
from bot.texts import Words
from db.base.tables import Case


@renders(CaseList)
def case_list(view: CaseList, words: Words) -> Card:
    page = view.page
    lines = [words("cases.title") if page.items or page.number else words("cases.none"), ""]
    lines += [case_line(case, words) for case in page.items]
    return Card(fit(lines), (*of_cases(page.items), *turning(words, page, CasesScreen()), menu(words, HomeScreen())))


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


@renders(ChooseKind)
def choose_kind(_: ChooseKind, words: Words) -> Card:
    return Card(words("new.question"), (new_buttons(words), menu(words, HomeScreen())))


@renders(ChooseCaseSite)
def choose_case_site(view: ChooseCaseSite, words: Words) -> Card:
    rows = tuple((button(f"{site.number:02d} {site.name}", taps.NewAt(view.kind, site.id)),) for site in view.sites)
    return Card(words("new.site"), (*rows, menu(words, HomeScreen())))


def new_buttons(words: Words) -> tuple[Button, ...]:
    """
    A button for each kind of case.
    """
    return tuple(button(words(f"button.new.{kind}"), taps.New(kind)) for kind in Kind)
