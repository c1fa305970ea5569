"""A transfer to another controller: which address may be named, and what staff have to say of it."""

from typing import Any

import pytest
from pydantic import ValidationError

from rightsdesk.domain.errors import InvalidInputError
from rightsdesk.domain.request import Aim, RequestType, Submission
from rightsdesk.domain.transfer import TransferStatus, decided_transfer, host_of, path_of, url_of

ADDRESS = "https://take.portable.example/v1/in?token=t0ken"
WHY = "The company has not told us how it protects what it takes."


@pytest.mark.parametrize(
    ("typed", "host", "path", "called"),
    [
        (ADDRESS, "take.portable.example", "/v1/in", ADDRESS),
        ("https://Take.Portable.example", "take.portable.example", "/", "https://take.portable.example/"),
        ("https://bücher.example/?a=b?c", "xn--bcher-kva.example", "/", "https://xn--bcher-kva.example/?a=b?c"),
        ("https://take.portable.example:443/a", "take.portable.example", "/a", "https://take.portable.example/a"),
    ],
)
def test_an_address_is_called_in_one_form_and_its_query_is_never_shown(
    typed: str, host: str, path: str, called: str
) -> None:
    assert (host_of(typed), path_of(typed), url_of(typed)) == (host, path, called)


def test_spaces_around_it_are_no_part_of_an_address() -> None:
    assert Aim(send_to=f" {ADDRESS}\n").send_to == ADDRESS


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "take.portable.example",
        "http://take.portable.example/",
        "ftp://take.portable.example/",
        "https://user:secret@take.portable.example/",
        "https://take.portable.example:8443/",
        "https://take.portable.example/#part",
        "https://localhost/",
        "https://printer.local/",
        "https://metadata.google.internal/",
        "https://127.0.0.1/",
        "https://169.254.169.254/latest/meta-data/",
        "https://2130706433/",
        "https://0x7f.1/",
        "https://[::1]/",
        "https://take/",
        "https://take.portable.example\\@169.254.169.254/",
    ],
)
def test_a50_what_can_not_be_called_is_refused_at_the_door_and_not_repeated(typed: str) -> None:
    with pytest.raises(ValidationError) as refused:
        Aim(send_to=typed)
    (problem,) = refused.value.errors(include_input=False)
    assert (problem["type"], problem["loc"]) == ("not_callable", ("send_to",))
    assert typed == "" or typed not in problem["msg"]


def test_an_address_that_is_too_long_is_refused() -> None:
    with pytest.raises(ValidationError, match="string_too_long"):
        Aim(send_to="https://take.portable.example/" + "a" * 500)


@pytest.mark.parametrize("types", [("access",), ("erasure",), ("portability",), ("access", "portability")])
def test_only_who_takes_data_elsewhere_names_an_address(types: tuple[str, ...]) -> None:
    values: dict[str, Any] = {"types": types, "email": "jane@example.com", "name": "Jane", "country": "IE"}
    values |= {"language": "en", "door": "api", "aim": {"send_to": ADDRESS}}
    if "portability" in types:
        submission = Submission.model_validate(values)
        assert RequestType.PORTABILITY in submission.types
        assert submission.aim is not None
        assert submission.aim.send_to == ADDRESS
        return
    with pytest.raises(ValidationError, match="not_for_this_right"):
        Submission.model_validate(values)


@pytest.mark.parametrize(
    ("send_to", "can_be_sent", "send", "refused", "problem"),
    [
        (None, True, True, None, ("send", "not_asked_for")),
        (None, True, False, WHY, ("send", "not_asked_for")),
        (None, True, None, WHY, ("send_refused", "not_asked_for")),
        (ADDRESS, True, None, None, ("send", "missing")),
        (ADDRESS, True, None, WHY, ("send", "missing")),
        (ADDRESS, True, False, None, ("send_refused", "missing")),
        (ADDRESS, True, False, "  ", ("send_refused", "missing")),
        (ADDRESS, True, False, "no", ("send_refused", "too_short")),
        (ADDRESS, True, False, "a long reason " * 200, ("send_refused", "too_long")),
        (ADDRESS, True, True, WHY, ("send_refused", "not_asked_for")),
        (ADDRESS, False, True, None, ("send", "nothing_to_send")),
    ],
)
def test_staff_say_whether_it_is_sent_and_why_not(
    send_to: str | None, can_be_sent: bool, send: bool | None, refused: str | None, problem: tuple[str, str]
) -> None:
    with pytest.raises(InvalidInputError) as error:
        decided_transfer(send_to, can_be_sent=can_be_sent, send=send, refused=refused, by="sub-1")
    (found,) = error.value.problems
    assert (found.field, found.reason) == problem


def test_an_approval_names_who_gave_it() -> None:
    transfer = decided_transfer(ADDRESS, can_be_sent=True, send=True, refused=None, by="sub-1")
    assert transfer is not None
    assert (transfer.host, transfer.status, transfer.approved_by) == (
        "take.portable.example",
        TransferStatus.APPROVED,
        "sub-1",
    )
    assert not transfer.is_over


@pytest.mark.parametrize("can_be_sent", [True, False])
def test_a_refusal_keeps_its_reason_tidied_and_nothing_more_is_done(can_be_sent: bool) -> None:
    transfer = decided_transfer(ADDRESS, can_be_sent=can_be_sent, send=False, refused=f" {WHY}\n", by="sub-1")
    assert transfer is not None
    assert (transfer.status, transfer.refused_reason, transfer.is_over) == (TransferStatus.REFUSED, WHY, True)


def test_nobody_named_an_address_and_nothing_is_said() -> None:
    assert decided_transfer(None, can_be_sent=True, send=None, refused=None, by="sub-1") is None
