"""
The cases being screened, and what a new one is.
"""

from markupsafe import Markup

from bot import taps
from bot.render.buttons import menu, of_cases, turning
from bot.render.card import STATUS_SIGNS, VERDICT_SIGNS, Button, Card, button, fit
from bot.render.people import site_named
from bot.render.phrases import few
from bot.render.renderers import renders
from bot.rules.assessment import Verdict
from bot.rules.criteria import Status
from bot.rules.protocol import Kind
from bot.screens.cases import CaseList, CasesScreen, ChooseCaseSite, ChooseKind
from bot.screens.menus import HomeScreen
from bot.texts import Words
from db.base.tables import Case, Stage


@renders(CaseList)
def case_list(view: CaseList, words: Words) -> Card:
    page = view.page
    lines = [words("cases.title") if page.items or page.number else words("cases.none"), ""]
    lines += [case_line(case, words) for case in page.items]
    return Card(fit(lines), (*of_cases(page.items), *turning(words, page, CasesScreen()), menu(words, HomeScreen())))


def case_line(case: Case, words: Words) -> str:
    """
    A case in one line: verdict, code, how far it is while it is screened, what fails or is left.
    """
    details = [words("cases.answered", number=case.answered)] if case.stage == Stage.SCREENING else []
    if case.failing:
        ids = ", ".join(few(case.failing.split(), _NAMED, words))
        details.append(words("cases.failing", sign=STATUS_SIGNS[Status.FAIL], criteria=ids))
    elif case.to_ask:
        details.append(words.count("progress.left", case.to_ask))
    elif case.awaited:
        details.append(words.count("progress.awaited", case.awaited))
    if case.stage != Stage.SCREENING:
        details.append(words(f"stage.{case.stage}"))
    detail = Markup(" · ").join(details)
    return words("cases.line", sign=VERDICT_SIGNS[Verdict(case.verdict)], code=case.code, detail=detail)


_NAMED = 3
"""So many failing criteria are named in a line."""


@renders(ChooseKind)
def choose_kind(_: ChooseKind, words: Words) -> Card:
    return Card(words("new.question"), (new_buttons(words), menu(words, HomeScreen())))


@renders(ChooseCaseSite)
def choose_case_site(view: ChooseCaseSite, words: Words) -> Card:
    rows = tuple((button(site_named(site, words), taps.NewAt(view.kind, site.id)),) for site in view.sites)
    return Card(words("new.site"), (*rows, menu(words, HomeScreen())))


def new_buttons(words: Words) -> tuple[Button, ...]:
    """
    A button for each kind of case.
    """
    return tuple(button(words(f"button.new.{kind}"), taps.New(kind)) for kind in Kind)
