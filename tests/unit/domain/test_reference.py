"""The reference that a person types (abuse cases 18, 19)."""

import inspect
import math
from collections import Counter
from datetime import datetime
from itertools import pairwise

from hypothesis import assume, given
from hypothesis import strategies as st

from rightsdesk.domain import reference as module
from rightsdesk.domain.reference import new_reference, parse_reference

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
values = st.integers(0, 2**40 - 1)
references = values.map(lambda value: new_reference(lambda bits: value))


def bare(reference: str) -> str:
    return reference.removeprefix("RD-").replace("-", "")


@given(references)
def test_a_reference_is_what_was_made_and_reads_as_itself(reference: str) -> None:
    assert len(reference) == len("RD-28T5-CY4G-M")
    assert set(bare(reference)) <= set(ALPHABET)
    assert parse_reference(reference) == reference


@given(values, values)
def test_a19_every_one_of_40_bits_counts(one: int, other: int) -> None:
    assume(one != other)
    assert new_reference(lambda bits: one) != new_reference(lambda bits: other)


def test_a19_forty_bits_are_asked_of_the_system_and_nothing_of_the_clock() -> None:
    assert new_reference(lambda bits: 2**bits - 1) == new_reference(lambda bits: 2**40 - 1)
    assert "time" not in inspect.getsource(module).replace("typed", "")
    assert datetime.__name__ not in vars(module)


def test_a19_characters_are_spread_evenly_and_do_not_follow_one_another() -> None:
    made = [bare(new_reference()) for _ in range(4000)]
    assert len(set(made)) == len(made)
    for position in range(8):
        counts = Counter(reference[position] for reference in made)
        entropy = -sum(n / len(made) * math.log2(n / len(made)) for n in counts.values())
        assert entropy > 4.95, position
    followers = sum(1 for one, other in pairwise(made) if one < other)
    assert 0.45 < followers / len(made) < 0.55


@given(references, st.integers(0, 8), st.sampled_from(ALPHABET))
def test_a19_one_wrong_character_is_noticed(reference: str, position: int, wrong: str) -> None:
    typed = bare(reference)
    assume(typed[position] != wrong)
    assert parse_reference(typed[:position] + wrong + typed[position + 1 :]) is None


@given(references, st.integers(0, 8), st.integers(0, 8))
def test_a19_two_characters_that_changed_places_are_noticed(reference: str, one: int, other: int) -> None:
    typed = list(bare(reference))
    assume(typed[one] != typed[other])
    typed[one], typed[other] = typed[other], typed[one]
    assert parse_reference("".join(typed)) is None


def test_a_known_reference_reads_the_same_however_it_is_typed() -> None:
    for typed in (
        "RD-28T5-CY4G-M",
        "rd-28t5-cy4g-m",
        " RD 28T5 CY4G M ",
        "28T5CY4GM",
        "rd28t5cy4gm",
        "RD‐28T5‐CY4G‐M",  # hyphens of a word processor
        "ＲＤ－２８Ｔ５－ＣＹ４Ｇ－Ｍ",  # full width, as a Japanese keyboard writes
    ):
        assert parse_reference(typed) == "RD-28T5-CY4G-M", typed


@given(references)
def test_letters_that_look_like_digits_are_read_as_digits(reference: str) -> None:
    typed = bare(reference).replace("0", "O").replace("1", "l")
    assert parse_reference(f"RD-{typed}") == reference


def test_a_reference_that_begins_like_its_prefix_may_be_typed_without_it() -> None:
    value = (ALPHABET.index("R") << 35) + (ALPHABET.index("D") << 30)
    reference = new_reference(lambda bits: value)
    assert bare(reference).startswith("RD")
    assert parse_reference(bare(reference)) == reference
    assert parse_reference(reference) == reference


@given(st.text(max_size=80))
def test_any_text_is_a_reference_or_none(text: str) -> None:
    parsed = parse_reference(text)
    assert parsed is None or parse_reference(parsed) == parsed


def test_what_is_no_reference() -> None:
    for typed in (
        "",
        "RD",
        "RD-0000-0000-0",
        "RD-28T5-CY4G",
        "RD-28T5-CY4G-MM",
        "RD-28T5-CY4G-U",
        "é" * 9,
        "9" * 10**6,
    ):
        assert parse_reference(typed) is None, typed[:20]
