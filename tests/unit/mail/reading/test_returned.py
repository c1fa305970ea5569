"""A72: a notice that a letter came back says whether for good, and by its ids which letter it was."""

import pytest

from tests.support.hostile_mails import hostile_mail

IDS = ("<closed.1.token@shop.example>", "<token@shop.example>", "<older@shop.example>")


@pytest.mark.parametrize(
    ("name", "failed", "permanent"),
    [
        ("automatic_postfix_dsn", True, True),
        ("automatic_office365_ndr", True, True),
        ("returned_delayed", False, False),
        ("returned_for_now", True, False),
        ("returned_qmail", True, True),
        ("returned_exim", True, True),
    ],
)
def test_a72_notices(name: str, failed: bool, permanent: bool) -> None:
    returned = hostile_mail(name).returned
    assert returned is not None
    assert (returned.failed, returned.permanent) == (failed, permanent)
    assert returned.message_ids == IDS


@pytest.mark.parametrize("name", ["automatic_exchange_oof", "format_attached_mail", "sender_two"])
def test_a72_other_mails_are_no_notices(name: str) -> None:
    assert hostile_mail(name).returned is None
