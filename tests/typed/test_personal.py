"""
Personal data is recognised by its form.
"""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.typed.personal import personal


@pytest.mark.parametrize(
    "text",
    [
        "Dupont",
        "DUPONT",
        "Dupont.",
        "DUPONT Marie",
        "DUPONT, Marie",
        "Jean-Pierre Dupont",
        "Jean\u2011Pierre",
        "Mme Martin",
        "mme martin",
        "M. Dupont",
        "M dupont",
        "Dr House",
        "Mrs. O'Connor",
        "J. Dupont",
        "Marie d'Aubigné",
        "Jean de La Fontaine",
        "Van den Hoogen",
        "Ben Ali",
        "Élodie",
        "Marie Anne Claire Dupont",
        "Non Dupont",
        "see with Mme Martin tomorrow",
        "JD",
    ],
)
def test_a_name_is_recognised(text: str) -> None:
    """
    One to four capitalised words, or a title and a name.
    """
    assert personal(text) == "name"


@pytest.mark.parametrize(
    "text",
    [
        "unknown",
        "ok",
        "dupont",
        "Unknown",
        "Ok",
        "OK",
        "Yes",
        "None",
        "Hier",
        "Avant-hier",
        "Aujourd\u2019hui",
        "Mai",
        "Lundi",
        "Aucun",
        "NON FAIT",
        "Not done yet",
        "Je ne sais pas",
        "VIH",
        "DLCO",
        "kPa",
        "N",
        "K",
        "Mme",
        "de la",
        "One Two Three Four Five",
        "3 Mai 2026",
        "",
        "...",
        "?",
    ],
)
def test_a_common_answer_is_no_name(text: str) -> None:
    """
    Telephones begin with a capital whatever is typed.
    """
    assert personal(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "0612345678",
        "06 12 34 56 78",
        "06.12.34.56.78",
        "06-12-34-56-78",
        "06/12/34/56/78",
        "06\u00a012\u00a034\u00a056\u00a078",
        "\uff10\uff16 12 34 56 78",
        "\u202a+33 6 12 34 56 78\u202c",
        "+33612345678",
        "+33 (0)6 12 34 56 78",
        "0033 6 12 34 56 78",
        "+1 555 123 4567",
        "+1-555-123-4567",
        "(555) 123-4567",
        "555 123-4567",
        "555.123.4567",
        "612345678",
        "612 345 678",
        "tel 06 12 34 56 78 thanks",
    ],
)
def test_a_telephone_number_is_recognised(text: str) -> None:
    """
    French, international and American.
    """
    assert personal(text) == "phone"


@pytest.mark.parametrize(
    "text",
    [
        "185057512345678",
        "1850575123456",
        "1 85 05 75 123 456 78",
        "2 85 05 75 123 456",
        "1 85 05 2A 123 456 78",
        "1 85 05 2b 123 456",
        "3850575123456",
        "4850575123456",
        "7850575123456",
        "8850575123456",
        "no 1 85 05 75 123 456 78",
    ],
)
def test_a_social_security_number_is_recognised(text: str) -> None:
    """
    Thirteen digits, or fifteen with the key.
    """
    assert personal(text) == "social_security"


@pytest.mark.parametrize("text", ["5850575123456", "6850575123456", "9850575123456", "185057512345", "18505751234567"])
def test_other_long_numbers_are_no_social_security_numbers(text: str) -> None:
    """
    Another first digit or another length.
    """
    assert personal(text) != "social_security"


@pytest.mark.parametrize("text", ["marie@example.org", "Marie.Dupont@chu.example.fr", "write to marie@example.org"])
def test_an_email_address_is_recognised(text: str) -> None:
    """
    Wherever it stands in the text.
    """
    assert personal(text) == "email"


@pytest.mark.parametrize(
    "text",
    [
        "58 %",
        "1 250",
        "150 000 /mm3",
        "150 000 000 /mm3",
        "150000000/mm3",
        "150 000 000 cells/mm3",
        "33.333333333",
        "0,0612345678",
        "1.2345678901234",
        "58.25 60",
        "165/112",
        "165/112 170/110",
        "03.05.2026",
        "03-05-2026 14:30",
        "2026-05-03 2026-05-04",
        "4.5 10^9/L",
        "+5",
        "-5",
        "12345678",
        "marie@home",
    ],
)
def test_numbers_units_and_days_are_not_personal(text: str) -> None:
    """
    A value that is refused for another reason is not called personal.
    """
    assert personal(text) is None


@given(st.text(max_size=300))
def test_any_text_can_be_looked_at(text: str) -> None:
    """
    Whatever is sent, there is an answer.
    """
    assert personal(text) in {None, "name", "phone", "social_security", "email"}


NAMES = (Path(__file__).parent / "names.txt").read_text(encoding="utf-8").split()
WARD = (Path(__file__).parent / "ward_words.txt").read_text(encoding="utf-8").splitlines()


@pytest.mark.parametrize("said", WARD)
def test_the_words_of_a_ward_are_no_names(said: str) -> None:
    """
    As they stand, in capitals or none, and with a capital as telephones begin a text.
    """
    assert [personal(form) for form in (said, said.upper(), said.lower(), f"{said} 58", f"{said}: neg")] == [None] * 5


@pytest.mark.parametrize("name", NAMES)
def test_names_of_many_countries_are_recognised(name: str) -> None:
    """
    Alone, in capitals, and beside the words of a ward.
    """
    said = (name, name.upper(), f"{name}.", f"Neg {name}", f"dlco 58 {name}", f"Mme {name}", f"{name}, Sister")
    assert [personal(form) for form in said] == ["name"] * 7


def test_the_lists_are_long_enough() -> None:
    """
    Three hundred of each.
    """
    assert len(set(NAMES)) >= 300
    assert len(set(WARD)) >= 300


def test_an_abbreviation_is_one_only_where_it_is_written_so() -> None:
    """
    ANA are antibodies, Ana is a person.
    """
    assert personal("ANA") is None
    assert personal("Ana") == "name"


@pytest.mark.parametrize("text", ["Jean Dupont withdrew consent", "talked to Jean Dupont", "\u0645\u062d\u0645\u062f"])
def test_a_name_within_a_sentence_is_recognised(text: str) -> None:
    """
    Two names side by side; and letters of a script that has no capitals.
    """
    assert personal(text) == "name"
