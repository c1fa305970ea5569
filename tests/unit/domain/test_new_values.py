"""What a corrected value has to look like before it is written into a system of the merchant."""

# serves: E-03

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from rightsdesk.domain.correction import Correction
from rightsdesk.domain.fields import FieldFormat, FieldType
from rightsdesk.domain.new_values import misfit, tidied

ZONE = "Europe/Berlin"


def stated(form: FieldFormat, text: str) -> tuple[Any, str | None]:
    value = tidied(FieldType.TEXT, form, text)
    return value, misfit(FieldType.TEXT, form, ZONE, "old", value)


@pytest.mark.parametrize(
    ("form", "typed", "written"),
    [
        (FieldFormat.PHONE, "０９０－９９９９－８８８８", "090-9999-8888"),
        (FieldFormat.PHONE, "090ー1234ー5678", "090-1234-5678"),
        (FieldFormat.PHONE, "090‑1234‑5678", "090-1234-5678"),
        (FieldFormat.PHONE, "+49 (0)30 123456-7", "+49 (0)30 123456-7"),
        (FieldFormat.POSTCODE, "〒150-0002", "150-0002"),
        (FieldFormat.POSTCODE, "１５０－０００２", "150-0002"),
        (FieldFormat.POSTCODE, "D02 AF30", "D02 AF30"),
        (FieldFormat.COUNTRY, "ＪＰ", "JP"),
    ],
)
def test_what_people_write_is_put_into_the_usual_form(form: FieldFormat, typed: str, written: str) -> None:
    assert stated(form, typed) == (written, None)


@pytest.mark.parametrize(
    ("form", "typed"),
    [
        (FieldFormat.PHONE, "((((((((1234567"),
        (FieldFormat.PHONE, "1234567-----...."),
        (FieldFormat.PHONE, "call me"),
        (FieldFormat.PHONE, "1" * 16),
        (FieldFormat.POSTCODE, "HELLO WORLD"),
        (FieldFormat.POSTCODE, "12345<"),
        (FieldFormat.COUNTRY, "ZZ"),
        (FieldFormat.COUNTRY, "Ireland"),
        (FieldFormat.EMAIL, "nobody"),
    ],
)
def test_what_is_not_of_the_form_is_refused(form: FieldFormat, typed: str) -> None:
    assert stated(form, typed)[1] == f"not_{form}"


@pytest.mark.parametrize(
    ("kind", "new", "fits"),
    [
        (FieldType.DATE, "1990-11-03", True),
        (FieldType.DATE, "1990/11/03", True),
        (FieldType.DATE, "19901103", False),
        (FieldType.DATE, "1990-W10-3", False),
        (FieldType.DATE, "1990-11/03", False),
        (FieldType.DATE, "1990-02-30", False),
        (FieldType.DATE, 19901103, False),
        (FieldType.TIMESTAMP, "2026-09-01T10:00:00Z", True),
        (FieldType.TIMESTAMP, "20260901T100000Z", False),
        (FieldType.INTEGER, 10**38 - 1, True),
        (FieldType.INTEGER, "1e40", True),
        (FieldType.INTEGER, "1e400", False),
        (FieldType.NUMBER, "7.90", True),
        (FieldType.NUMBER, "0." + "1" * 39, False),
        (FieldType.NUMBER, "1e-200", False),
        (FieldType.NUMBER, True, False),
        (FieldType.INTEGER, "1_000", False),
        (FieldType.INTEGER, "３", False),
        (FieldType.BOOLEAN, True, True),
        (FieldType.TEXT, 5, False),
    ],
)
def test_a_value_is_of_its_type_and_can_be_held(kind: FieldType, new: Any, fits: bool) -> None:
    assert (misfit(kind, None, ZONE, "x", new) is None) is fits


@pytest.mark.parametrize(
    ("new", "reason"),
    [
        ("", "missing"),
        ("\u200d", "missing"),
        ("\u0301", "missing"),
        ("\u115f", "missing"),
        ("\u3164", "missing"),
        ("\u200b", "control_characters"),
        ("Jane\u202egnp.exe", "control_characters"),
        ("Ja\nne", "control_characters"),
        ("👩\u200d👧", None),
        ("می\u200cخواهم", None),
        ("<b>Ireland", None),
    ],
)
def test_a_text_can_be_seen_as_it_is(new: str, reason: str | None) -> None:
    assert misfit(None, None, ZONE, "old", new) == reason


def test_numbers_and_days_are_in_plain_characters() -> None:
    assert tidied(FieldType.INTEGER, None, " ３０００ ") == "3000"
    assert tidied(FieldType.DATE, None, "1984/05/18") == "1984-05-18"
    assert tidied(None, None, "３/4") == "３/4"


def test_where_nothing_is_said_of_a_field_it_is_text() -> None:
    assert misfit(None, None, ZONE, None, 5) == "not_as_held"
    assert misfit(None, None, ZONE, 4, 5) is None


@pytest.mark.parametrize(
    ("new", "kind"),
    [(10**38, "less_than_equal"), (1.5, "value_type"), (None, "value_type"), ("x" * 1001, "string_too_long")],
)
def test_what_is_no_value_is_one_error_at_its_place(new: Any, kind: str) -> None:
    """A number that no table can hold stopped every page of staff that showed the case."""
    with pytest.raises(ValidationError) as refused:
        Correction(field="shop/members.points", old=1, new=new)
    (error,) = refused.value.errors()
    assert (error["loc"], error["type"]) == (("new",), kind)


@given(st.text(alphabet="0123456789 ()-./+", max_size=60))
def test_telephone_numbers_are_judged_at_once_and_tidying_settles(text: str) -> None:
    value, reason = stated(FieldFormat.PHONE, text)
    assert tidied(FieldType.TEXT, FieldFormat.PHONE, value) == value
    if reason is None:
        assert 7 <= sum(character.isdigit() for character in str(value)) <= 15
