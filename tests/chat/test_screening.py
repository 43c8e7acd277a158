"""
A coordinator screens a case from the first button to the summary.
"""

from tests.conftest import Chatter, Clinic


async def test_a_first_case_is_opened_and_answered(coordinator: Chatter) -> None:
    """
    The card asks one question at a time and shows what was stored.
    """
    await coordinator.press("New recipient")
    assert "01-R-001" in coordinator.card.text
    card = await coordinator.say("45")
    assert "✓ Age: 45 years" in card.text
    assert "sex" in card.text


async def test_a_restart_between_two_answers_changes_nothing(clinic: Clinic, coordinator: Chatter) -> None:
    """
    The same question stands on the card after a restart, and takes the answer.
    """
    await coordinator.press("New recipient")
    await coordinator.say("45")
    await clinic.restart()
    card = await coordinator.press("Female")
    assert "childbearing" in card.text
