"""
The documents that are pictures.
"""

from collections.abc import Iterable, Mapping

from bot.documents import typesetting
from bot.documents.kinds import Asked, Document
from bot.documents.origin import origin
from bot.documents.pictures import accrual, ahead, flow, values
from bot.rules.protocol import Kind


def as_flow(asked: Asked) -> Document:
    """
    The flow of cases, recipients beside donors.
    """
    found = [flow.flow(asked.snapshot, kind) for kind in Kind]
    columns = [flow.drawing(one, asked.words) for one in found]
    return _picture(asked, "flow", {"columns": columns}, [flow.sentence(one, asked.words) for one in found])


def as_accrual(asked: Asked) -> Document:
    """
    Inclusions against the target and the planned rate.
    """
    found = [accrual.accrual(asked.snapshot, kind, asked.study) for kind in Kind]
    today = asked.snapshot.local(asked.snapshot.at).date()
    drawn = accrual.drawing(found, asked.study, today, asked.words)
    return _picture(asked, "accrual", drawn, [accrual.sentence(one, asked.words) for one in found], is_of_sites=False)


def as_ahead(asked: Asked) -> Document:
    """
    The follow-up visits ahead.
    """
    found = ahead.ahead(asked.snapshot)
    today = asked.snapshot.local(asked.snapshot.at).date()
    return _picture(asked, "ahead", ahead.drawing(found, today, asked.words), ahead.sentences(found, asked.words))


def as_values(asked: Asked) -> Document:
    """
    The numbers of a case against their limits.
    """
    file = asked.snapshot.by_code[asked.code or ""]
    found = values.values(file)
    drawn = values.drawing(found, file, asked.words)
    return _picture(asked, "values", drawn, values.sentences(found, file, asked.words), code=file.case.code)


def _picture(
    asked: Asked,
    name: str,
    drawn: Mapping[str, object],
    told: Iterable[str],
    code: str | None = None,
    *,
    is_of_sites: bool = True,
) -> Document:
    words = asked.words
    title = words.plain(f"picture.{name}.of", code=code) if code else words.plain(f"picture.{name}")
    data = {
        "language": words.language,
        "title": title,
        "drawn": drawn,
        "origin": [
            words.plain("picture.origin", what=what, which=which)
            for what, which in origin(asked.snapshot, words)
            if is_of_sites or what != words.plain("origin.sites")
        ],
    }
    content = typesetting.png(name, data)
    return Document(f"{code}-{name}.png" if code else f"{name}.png", content, "\n".join(told))
