"""
The open queries of all cases.
"""

from bot.render.buttons import menu, of_cases, turning
from bot.render.card import Card, fit
from bot.render.phrases import query_line
from bot.render.renderers import renders
from bot.screens.menus import HomeScreen
from bot.screens.overview import BoardScreen
from bot.screens.queries import OpenQueries, QueriesScreen
from bot.screens.summary import SummaryScreen
from bot.texts import Words


@renders(OpenQueries)
def open_queries(view: OpenQueries, words: Words) -> Card:
    shown = view.page.items
    lines: list[str] = [words.count("queries.title", view.total) if view.total else words("queries.none")]
    for one in shown:
        text = query_line(one.id, words)
        lines += ["", words("queries.since", code=one.case.code, day=words.day(one.since)), text]
    cases = {one.case.id: one.case for one in shown}
    pages = turning(words, view.page, QueriesScreen())
    return Card(
        fit(lines), (*of_cases(cases.values(), SummaryScreen()), *pages, menu(words, BoardScreen(), HomeScreen()))
    )
