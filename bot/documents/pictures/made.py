"""
Drawings, and the documents that they are as pictures.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import partial

from bot.documents import typesetting
from bot.documents.kinds import Asked, Document
from bot.documents.origin import origin
from bot.documents.pictures import accrual, ahead, flow, values
from bot.rules.frozen import Frozen
from bot.rules.protocol import Kind


class Drawing(Frozen):
    """
    What is to be drawn, by the drawing's name among the templates, and the same in words.
    """

    name: str
    title: str
    drawn: Mapping[str, object]
    told: Sequence[str]

    @property
    def data(self) -> dict[str, object]:
        """
        For a template.
        """
        return {"picture": self.name, "title": self.title, "drawn": self.drawn, "told": self.told}


def the_flow(asked: Asked) -> Drawing:
    """
    The flow of cases, recipients beside donors.
    """
    words = asked.words
    found = [flow.flow(asked.snapshot, kind) for kind in Kind]
    columns = [flow.drawing(one, words) for one in found]
    told = [flow.sentence(one, words) for one in found]
    return Drawing("flow", words.plain("picture.flow"), {"columns": columns}, told)


def the_accrual(asked: Asked) -> Drawing:
    """
    Inclusions against the target and the planned rate.
    """
    words = asked.words
    found = [accrual.accrual(asked.snapshot, kind, asked.study) for kind in Kind]
    drawn = accrual.drawing(found, asked.study, asked.snapshot.local(asked.snapshot.at).date(), words)
    return Drawing("accrual", words.plain("picture.accrual"), drawn, [accrual.sentence(one, words) for one in found])


def the_visits_ahead(asked: Asked) -> Drawing:
    """
    The follow-up visits ahead.
    """
    words = asked.words
    found = ahead.ahead(asked.snapshot)
    drawn = ahead.drawing(found, asked.snapshot.local(asked.snapshot.at).date(), words)
    return Drawing("ahead", words.plain("picture.ahead"), drawn, ahead.sentences(found, words))


def the_values(asked: Asked) -> Drawing:
    """
    The numbers of a case against their limits.
    """
    words = asked.words
    file = asked.snapshot.by_code[asked.code or ""]
    found = values.values(file)
    title = words.plain("picture.values.of", code=file.case.code)
    return Drawing("values", title, values.drawing(found, file, words), values.sentences(found, file, words))


def _picture(draw: Callable[[Asked], Drawing], asked: Asked, *, is_of_sites: bool = True) -> Document:
    """
    A drawing as a document; without the sites of the reading where it is of the whole study, whatever somebody sees.
    """
    drawing, words = draw(asked), asked.words
    lines = [
        words.plain("picture.origin", what=what, which=which)
        for what, which in origin(asked.snapshot, words)
        if is_of_sites or what != words.plain("origin.sites")
    ]
    content = typesetting.png("picture", {**drawing.data, "language": words.language, "origin": lines})
    name = f"{asked.code}-{drawing.name}.png" if asked.code else f"{drawing.name}.png"
    return Document(name, content, "\n".join(drawing.told))


as_flow, as_ahead, as_values = (partial(_picture, draw) for draw in (the_flow, the_visits_ahead, the_values))
as_accrual = partial(_picture, the_accrual, is_of_sites=False)
