"""
What people are told without having asked.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any

from markupsafe import Markup

from bot import taps
from bot.render.buttons import to
from bot.render.card import VERDICT_SIGNS, Button, Card, Rows, button, fit
from bot.render.history import decided, deviation
from bot.render.people import place
from bot.render.phrases import few, short
from bot.render.reasons import reason
from bot.render.renderers import renders
from bot.render.scores import in_full
from bot.rules import file_form
from bot.rules.assessment import Verdict
from bot.rules.items import Item
from bot.screens.decisions import EndScreen
from bot.screens.menus import Here
from bot.screens.notices import Anew, Apology, Told, Voided
from bot.screens.signing import FailureScreen
from bot.screens.summary import SummaryScreen
from bot.texts import Words
from db.cases.decisions import ENDINGS
from db.cases.given import GivenAnswer

IN_PLACE = frozenset({"notice.deactivated", "notice.role_removed"})
"""Those that take the place of the card: it may show what this person is to see no longer."""

_NAMED = 8
"""So many answers are named of a list that was stored at once."""

_TO_WHERE_THINGS_STAND = frozenset({"notice.role_added", "notice.role_removed", "notice.reactivated"})


@renders(Told)
def told(view: Told, words: Words) -> Card:
    """
    A notice, with the button that leads to what it is about.
    """
    key = f"{view.key}.instead" if "instead" in view.about else view.key
    return Card(words(key, **named(view.about, words)), _rows(view, words))


@renders(Voided)
def voided(view: Voided, words: Words) -> Card:
    """
    A sign-off that somebody gave holds no longer: why, and how the verdicts stand. For whoever has left nobody signs
    again.
    """
    codes = " + ".join(view.verdicts)
    lines: list[str] = [words("notice.voided.title", codes=codes), *_why(view, words)]
    if view.decision is not None and view.decision.kind in ENDINGS:
        lines.append(words("notice.voided.left"))
    else:
        lines += [_then_and_now(code, then, now, words) for code, (then, now) in view.verdicts.items()]
    return Card(fit(lines), ((button(words("button.open"), taps.OpenCase(view.case, SummaryScreen())),),))


def _then_and_now(code: str, then: Verdict, now: Verdict, words: Words) -> str:
    if then == now:
        return words("notice.voided.same", code=code, verdict=_verdict(now, words))
    return words("notice.voided.verdict", code=code, then=_verdict(then, words), now=_verdict(now, words))


def _verdict(verdict: Verdict, words: Words) -> Markup:
    return words("verdict.line", sign=VERDICT_SIGNS[verdict], verdict=words(f"verdict.{verdict}.short"))


def _why(view: Voided, words: Words) -> list[str]:
    name, decision = view.name or words("paper.program"), view.decision
    if view.changes:
        changes = [_changed(one, view.kind, words) for one in view.changes]
        return [words("notice.voided.answers", code=view.code), *few(changes, _NAMED, words)]
    if decision is not None:
        what = decided(decision, words)
        return [words("notice.voided.decision", code=view.code, what=what, person=name)]
    if view.action is not None:
        return [words(f"notice.voided.{view.action}", code=view.code, person=name)]
    return [words("notice.voided.something")]


def _changed(one: Anew, kind: str, words: Words) -> Markup:
    old, new = (_given(given, one.item, words) for given in (one.old, one.new))
    what = words("history.changed", item=words.label(one.item, kind), old=old, new=new)
    return words("notice.voided.answer", what=what, person=one.name)


def _given(given: GivenAnswer | None, item: Item, words: Words) -> str:
    if given is None or given.repeats == 0:
        return words("whatif.unanswered")
    return in_full(item, None if given.text is None else file_form.loads(given.text), words)


def _rows(view: Told, words: Words) -> Rows:
    if view.key == "notice.failure_proposed":
        about = view.about
        case, day = about["case"], date.fromisoformat(about["day"])
        confirm = button(words("button.confirm_failure"), taps.OpenCase(case, FailureScreen(about["criterion"], day)))
        decline = taps.OpenCase(case, EndScreen("failure_declined"))
        return ((confirm,), (button(words("button.decline_failure"), decline), _open(case, words)))
    if "case" in view.about:
        return ((_open(view.about["case"], words),),)
    if view.key in _TO_WHERE_THINGS_STAND:
        return ((to(words, Here(), key="button.return"),),)
    return undo(view.about, words)


def _open(case: int, words: Words) -> Button:
    return button(words("button.open"), taps.OpenCase(case))


def named(about: Mapping[str, Any], words: Words) -> dict[str, Any]:
    """
    What a notice speaks of, a role and its site in words.
    """
    values = {key: value for key, value in about.items() if key not in {"case", "site"}}
    if "role" in about:
        values |= {"role": words(f"role.{about['role']}"), "place": place(about.get("site"), words)}
    if "deviation" in about:
        values["deviation"] = deviation(about["deviation"].split(), words)
        values["reason"] = reason(about["reason"], words, "missed" if "month" in about else about["decision"])
    elif "decision" in about:
        why = about.get("reason")
        values["reason"] = reason(why, words, about["decision"]) if why else words("reason.none")
    if "criterion" in about:
        values["short"] = short(about["criterion"], words)
    if "name" in about:
        values["person"] = values.pop("name")
    values |= {name: words.day(date.fromisoformat(about[name])) for name in ("day", "instead") if name in about}
    return values


def undo(about: Mapping[str, Any], words: Words) -> Rows:
    """
    The button that takes back what a notice tells of.
    """
    if "undo_person" in about:
        return ((button(words("button.undo"), taps.Deactivate(about["undo_person"])),),)
    if "undo_membership" in about:
        return ((button(words("button.undo"), taps.RemoveRole(about["undo_membership"])),),)
    return ()


@renders(Apology)
def apology(view: Apology, words: Words) -> Card:
    here = to(words, Here(), key="button.return")
    return Card(words("apology", reference=view.reference), ((here,),))
