"""OpenDSR as it is written: what the standard has is taken, what it forbids is refused by the name of the field."""

import base64
from datetime import UTC, datetime
from itertools import permutations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from rightsdesk.domain.errors import InvalidInputError
from rightsdesk.domain.opendsr import (
    Discovery,
    OpenDsrCallback,
    OpenDsrRequest,
    OpenDsrStatus,
    encoded_signature,
    is_news,
    read_domain,
    read_signature,
)
from rightsdesk.domain.opendsr_identities import IdentityFormat, IdentityType

# Shaped after the standard's own example, which is 64 lines long and lacks `regulation`.
REQUEST: dict[str, Any] = {
    "regulation": "gdpr",
    "subject_request_id": "a7551968-d5d6-44b2-9831-815ac9017798",
    "subject_request_type": "erasure",
    "submitted_time": "2018-10-02T15:00:00Z",
    "subject_identities": [
        {"identity_type": "email", "identity_value": "johndoe@example.com", "identity_format": "raw"}
    ],
    "api_version": "2.0",
    "status_callback_urls": ["https://examplecontroller.com/opendsr/callbacks"],
    "extensions": {"example-processor.com": {"property_id": "123456"}},
}


def test_the_example_of_the_standard_is_read_and_written_as_it_was() -> None:
    request = OpenDsrRequest.model_validate(REQUEST)
    assert request.submitted_time == datetime(2018, 10, 2, 15, tzinfo=UTC)
    assert request.model_dump(mode="json") == REQUEST
    assert "johndoe" not in repr(request)


def test_what_is_not_there_is_not_written_as_null() -> None:
    fields = {name: value for name, value in REQUEST.items() if name not in {"api_version", "extensions"}}
    assert OpenDsrRequest.model_validate(fields).model_dump(mode="json") == fields


REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"regulation": None}, "regulation"),
    ({"regulation": "appi"}, "regulation"),
    ({"regulation": "GDPR"}, "regulation"),
    ({"subject_request_id": "A7551968-D5D6-44B2-9831-815AC9017798"}, "subject_request_id"),  # section 1.1
    ({"subject_request_id": "a7551968d5d644b29831815ac9017798"}, "subject_request_id"),
    ({"subject_request_id": "a7551968-d5d6-14b2-9831-815ac9017798"}, "subject_request_id"),  # version 1
    ({"subject_request_id": "a7551968-d5d6-44b2-c831-815ac9017798"}, "subject_request_id"),
    ({"subject_request_id": "a7551968-d5d6-44b2-9831-815ac9017798\n"}, "subject_request_id"),
    ({"subject_request_type": "rectification"}, "subject_request_type"),
    ({"submitted_time": "2018-10-02"}, "submitted_time"),
    ({"submitted_time": "2018-10-02T15:00:00"}, "submitted_time"),
    ({"submitted_time": "2018-10-02 15:00:00Z"}, "submitted_time"),
    ({"submitted_time": "2018-13-02T15:00:00Z"}, "submitted_time"),
    ({"submitted_time": 1538492400}, "submitted_time"),
    ({"api_version": "3.0"}, "api_version"),
    ({"subject_identities": [], "extensions": None}, ""),
    ({"subject_identities": "johndoe@example.com"}, "subject_identities"),
    ({"subject_identities": [REQUEST["subject_identities"][0]] * 201}, "subject_identities"),
    ({"status_callback_urls": ["http://examplecontroller.com/"]}, "status_callback_urls.0"),
    ({"status_callback_urls": ["https://169.254.169.254/latest/"]}, "status_callback_urls.0"),
    ({"status_callback_urls": ["https://localhost/"]}, "status_callback_urls.0"),
    ({"status_callback_urls": ["https://user@examplecontroller.com/"]}, "status_callback_urls.0"),
    ({"status_callback_urls": ["https://examplecontroller.com/"] * 6}, "status_callback_urls"),
    ({"extensions": {"example-processor.com": "123456"}}, "extensions.example-processor.com"),
    ({"status": "completed"}, "status"),  # nobody sets this from outside (abuse case 51)
]


@pytest.mark.parametrize(("change", "field"), REFUSED)
def test_what_the_standard_forbids_is_refused_by_the_name_of_its_field(change: dict[str, Any], field: str) -> None:
    with pytest.raises(ValidationError) as refused:
        OpenDsrRequest.model_validate(REQUEST | change)
    assert {".".join(map(str, each["loc"])) for each in refused.value.errors()} == {field}


@pytest.mark.parametrize(
    "identity",
    [
        {"identity_type": "phone", "identity_value": "1", "identity_format": "raw"},
        {"identity_type": "email", "identity_value": "", "identity_format": "raw"},
        {"identity_type": "email", "identity_value": "1", "identity_format": "sha512"},
        {"identity_type": "email", "identity_value": "1"},
        {"identity_type": "email", "identity_value": "1", "identity_format": "raw", "more": 1},
    ],
)
def test_all_of_an_identity_is_needed_and_nothing_more(identity: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        OpenDsrRequest.model_validate(REQUEST | {"subject_identities": [identity]})


def test_opengdpr_did_not_name_the_regulation_and_opendsr_does() -> None:
    fields = {name: value for name, value in REQUEST.items() if name != "regulation"}
    assert OpenDsrRequest.model_validate(OpenDsrRequest.with_defaults(fields, legacy=True)).regulation == "gdpr"
    with pytest.raises(ValidationError):
        OpenDsrRequest.model_validate(OpenDsrRequest.with_defaults(fields, legacy=False))
    ccpa = OpenDsrRequest.with_defaults(REQUEST | {"regulation": "ccpa"}, legacy=True)
    assert OpenDsrRequest.model_validate(ccpa).regulation == "ccpa"


@pytest.mark.parametrize(
    ("written", "utc"),
    [
        ("2026-03-31T23:30:00-04:00", datetime(2026, 4, 1, 3, 30, tzinfo=UTC)),
        ("2026-04-01T08:30:00.5+09:00", datetime(2026, 3, 31, 23, 30, 0, 500_000, tzinfo=UTC)),
        ("2026-04-01t00:00:00z", datetime(2026, 4, 1, tzinfo=UTC)),
    ],
)
def test_times_are_of_rfc_3339(written: str, utc: datetime) -> None:
    assert OpenDsrRequest.model_validate(REQUEST | {"submitted_time": written}).submitted_time == utc


def test_of_what_a_processor_says_the_unknown_is_passed_over() -> None:
    discovery = Discovery.model_validate(
        {
            "api_version": "2.1",
            "supported_identities": [
                {"identity_type": "email", "identity_format": "sha256", "note": "new"},
                {"identity_type": "phone", "identity_format": "raw"},
                {"identity_type": [], "identity_format": {}},
            ],
            "supported_subject_request_types": ["erasure"],
            "processor_certificate": "https://example-processor.com/certificate.pem",
            "regions": ["eu"],
        }
    )
    assert discovery.takes(IdentityType.EMAIL, IdentityFormat.SHA256)
    assert not discovery.takes(IdentityType.EMAIL, IdentityFormat.RAW)
    assert len(discovery.supported_identities) == 1


def test_news_goes_forward_only() -> None:
    pending, in_progress, completed, cancelled = OpenDsrStatus
    forward = {(pending, in_progress), (pending, completed), (pending, cancelled)}
    forward |= {(in_progress, completed), (in_progress, cancelled)}
    for known, told in permutations(OpenDsrStatus, 2):
        assert is_news(known, told) == ((known, told) in forward)
    assert not any(is_news(status, status) for status in OpenDsrStatus)


@given(st.lists(st.sampled_from(OpenDsrStatus), max_size=30))
def test_in_whatever_order_callbacks_come_an_end_stays_the_end(told: list[OpenDsrStatus]) -> None:
    known = OpenDsrStatus.PENDING
    ends: list[OpenDsrStatus] = []
    for status in told:
        if is_news(known, status):
            known = status
        if status in {OpenDsrStatus.COMPLETED, OpenDsrStatus.CANCELLED}:
            ends.append(status)
    assert known is (ends[0] if ends else max(told, key=list(OpenDsrStatus).index, default=OpenDsrStatus.PENDING))


def test_a_callback_needs_what_it_is_about() -> None:
    fields = {
        "controller_id": "merchant",
        "status_callback_url": "https://privacy.shop.example/opendsr/callbacks",
        "subject_request_id": REQUEST["subject_request_id"],
        "request_status": "completed",
        "expected_completion_time": "2026-12-01T00:00:00Z",
    }
    assert OpenDsrCallback.model_validate(fields | {"more": 1}).request_status is OpenDsrStatus.COMPLETED
    for name in fields:
        with pytest.raises(ValidationError):
            OpenDsrCallback.model_validate({key: value for key, value in fields.items() if key != name})
    with pytest.raises(ValidationError):
        OpenDsrCallback.model_validate(fields | {"results_count": -1})


@pytest.mark.parametrize(
    ("values", "domain"),
    [
        (["opendsr.example.com"], "opendsr.example.com"),
        ([" Opendsr.Example.COM "], "opendsr.example.com"),
        ([], None),
        (["a.example", "b.example"], None),
        (["a.example, b.example"], None),
        (["localhost"], None),
        (["a.example/"], None),
        (["a.example:443"], None),
        (["a..example"], None),
        (["ａ.example"], None),
        ([""], None),
    ],
)
def test_a_domain_is_one_name(values: list[str], domain: str | None) -> None:
    assert read_domain(values) == domain


@given(st.binary(max_size=600))
def test_a_signature_is_read_as_it_was_written(signature: bytes) -> None:
    assert read_signature([encoded_signature(signature)]) == signature


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ([], "missing"),
        (["YQ==", "YQ=="], "duplicate"),
        (["YQ=", *[]], "wrong_format"),
        (["YQ==\nYQ=="], "wrong_format"),
        (["Y-_="], "wrong_format"),  # the alphabet of URLs
        (["ü"], "wrong_format"),
        ([base64.b64encode(b"x" * 2_000).decode()], "wrong_format"),
    ],
)
def test_what_is_no_signature_is_refused(values: list[str], reason: str) -> None:
    with pytest.raises(InvalidInputError) as refused:
        read_signature(values)
    assert [(each.field, each.reason) for each in refused.value.problems] == [("X-OpenDSR-Signature", reason)]
