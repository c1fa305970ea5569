"""Addresses as typed, as matched and as mailed (abuse case 1)."""

import time
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rightsdesk.domain.address import canonical_address, deliverable_address, masked_address

JANE = "jane@example.com"


@pytest.mark.parametrize(
    ("typed", "canonical"),
    [
        ("jane@example.com", JANE),
        ("Jane@Example.COM", JANE),
        ("  jane@example.com\n", JANE),
        ("jane@ｅｘａｍｐｌｅ.com", JANE),  # the same domain in full width (IDNA maps it)
        ("ｊａｎｅ＠ｅｘａｍｐｌｅ．ｃｏｍ", JANE),
        ("\u3000Ｊane＠example.com\u3000", JANE),
        ("ｏ＇ｈａｒａ＋ｓｈｏｐ＠ｅｘａｍｐｌｅ．ｉｅ", "o'hara+shop@example.ie"),
        ("jane@BÜCHER.example", "jane@xn--bcher-kva.example"),
        ("jane@xn--bcher-kva.example", "jane@xn--bcher-kva.example"),
        ("花子@例え.jp", "花子@xn--r8jz45g.jp"),
        ("o'hara+shop@example.ie", "o'hara+shop@example.ie"),
        ("jan\u212a@example.com", "jank@example.com"),  # the Kelvin sign IS a K in Unicode
    ],
)
def test_canonical_form(typed: str, canonical: str) -> None:
    assert canonical_address(typed) == canonical


@pytest.mark.parametrize(
    "look_alike",
    [
        "jane@examp1e.com",
        "j\u0430ne@example.com",  # Cyrillic а in the local part
        "jane@ex\u0430mple.com",  # and in the domain
        "jane+tag@example.com",
        "j.ane@example.com",
        "jane@example.com.evil.example",
        "jane@example.co",
        "jan\u0435@example.com",
        "\U0001d423ane@example.com",  # a mathematical j: only full width is folded
        "jan\u24d4@example.com",  # a circled e
        "jane\u200b@example.com",
        "jane@xn--exmple-4nf.com",
    ],
)
def test_a01_a_look_alike_is_nobody_else(look_alike: str) -> None:
    assert canonical_address(look_alike) != JANE
    assert deliverable_address(look_alike) != JANE


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "   ",
        "jane",
        "jane@",
        "@example.com",
        "jane@localhost",
        "jane@example",
        "jane@@example.com",
        "a@b@example.com",
        "jane doe@example.com",
        '"jane doe"@example.com',
        "jane@[127.0.0.1]",
        "jane@127.0.0.1",
        "jane@example.com, eve@example.net",
        "Jane <jane@example.com>",
        "jane@example.com\r\nBcc: eve@example.net",
        "jane\x00@example.com",
        "jane..doe@example.com",
        "jane@exam\u202eple.com",
        "jane@" + "a" * 250 + ".com",
    ],
)
def test_a01_what_is_no_address(typed: str) -> None:
    assert canonical_address(typed) is None


@given(st.text(max_size=300))
def test_any_text_is_an_address_or_none_and_canonical_once(text: str) -> None:
    canonical = canonical_address(text)
    if canonical is not None:
        assert canonical_address(canonical) == canonical
        assert canonical.rpartition("@")[2].isascii()


@given(st.from_regex(r"\A[a-zA-Z0-9]{1,20}(\.[a-zA-Z0-9]{1,10})?\Z"), st.sampled_from(["example.com", "例え.jp"]))
def test_case_does_not_matter_and_nothing_else_is_lost(local: str, domain: str) -> None:
    canonical = canonical_address(f"{local}@{domain}")
    assert canonical is not None
    assert canonical == canonical_address(f"{local.upper()}@{domain.upper()}")
    assert canonical.partition("@")[0] == local.lower()


@pytest.mark.parametrize(
    ("typed", "mailed"),
    [
        ("Jane@Example.com", "Jane@example.com"),  # a mailbox may care about case: it is kept
        ("jane@bücher.example", "jane@xn--bcher-kva.example"),  # a header holds ASCII only
    ],
)
def test_what_is_mailed(typed: str, mailed: str) -> None:
    assert deliverable_address(typed) == mailed


def test_a41_a_long_text_is_refused_at_once() -> None:
    started = time.process_time()
    assert canonical_address("a" * 10**6 + "@example.com") is None
    assert canonical_address("a." * 10**5) is None
    assert time.process_time() - started < 5, "it hangs"


@given(st.emails())
def test_a_masked_address_keeps_one_letter_and_the_domain(address: str) -> None:
    masked = masked_address(address)
    local, _, domain = address.partition("@")
    assert masked == f"{local[0]}•••@{domain}"


def test_a_composed_and_a_decomposed_letter_are_the_same_mailbox() -> None:
    composed = "jos\u00e9@example.com"
    assert canonical_address(composed) == canonical_address(unicodedata.normalize("NFD", composed))


@pytest.mark.parametrize("typed", ["ｈａｎａ＠ｅｘａｍｐｌｅ．ｊｐ", "Ｈａｎａ@example.jp", " ｈana＠例え.jp\u3000"])
def test_what_was_typed_in_full_width_is_mailed_in_half_width(typed: str) -> None:
    assert deliverable_address(typed).isascii()
    assert canonical_address(deliverable_address(typed)) == canonical_address(typed)


def test_every_full_width_character_is_the_one_of_ascii() -> None:
    for n in range(0x21, 0x7F):
        assert canonical_address(f"x{chr(n + 0xFEE0)}y@example.jp") == canonical_address(f"x{chr(n)}y@example.jp")


@pytest.mark.parametrize("typed", ["ha\u3000na@example.jp", "ｈａｎａ＠ｅｘａｍｐｌｅ＠ｊｐ", "＠", "ｈａｎａ"])
def test_full_width_makes_no_address_of_what_is_none(typed: str) -> None:
    assert canonical_address(typed) is None
