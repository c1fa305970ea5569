"""What a person agreed to, in the answer to access: one record for each consent, in the names of ISO/IEC TS 27560."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from rightsdesk.domain.acceptance import Acceptance
from rightsdesk.domain.request import RequestType
from rightsdesk.export.consent_records import ConsentsOnRecord
from tests.support.consents import CONSENT_TEXTS, POLICY, ConsentRoom
from tests.unit.export.package_of_a_shop import build, context
from tests.unit.export.test_build import unpacked

HEADER = {"schema_version", "record_id", "pii_principal_id", "pii_processing", "events"}
PROCESSING = {
    *("privacy_notice", "language", "purposes", "lawful_basis", "pii_information", "pii_controllers"),
    *("collection_method", "jurisdiction", "recipient_third_parties", "withdrawal_method", "privacy_rights"),
}
EVENT = {"event_time", "validity_duration", "entity_id", "event_type", "event_state", "proof", "sha256"}


def on_record() -> ConsentsOnRecord:
    """The newsletter, stopped and asked for again; a list stopped that nobody here knows a consent of."""
    room = ConsentRoom()
    room.sign_up(language="ja")
    room.advance(days=1)
    room.one_click(room.list_token())
    room.one_click(room.list_token(purpose="promotion"))
    room.advance(days=1)
    room.sign_up()
    accepted = Acceptance(version="2026-09", accepted_at=datetime(2026, 10, 1, 3, 0, tzinfo=UTC), proof="signup-1")
    return ConsentsOnRecord(entries=room.ledger(), acceptances=(accepted,), texts=CONSENT_TEXTS, policy=POLICY)


def answered(consents: ConsentsOnRecord | None, *types: RequestType) -> dict[str, bytes]:
    changes: dict[str, Any] = {"types": types} if types else {}
    return unpacked(build(context(**changes), consents=consents)[1])


def test_each_consent_is_a_record_with_its_events() -> None:
    said = json.loads(answered(on_record())["data/consents.json"])
    assert said["schema_version"] == "ISO/IEC TS 27560:2023"
    first, list_only, again = said["records"]
    for record in (first, again):
        assert set(record) == HEADER
        assert set(record["pii_processing"]) == PROCESSING
        assert record["pii_principal_id"] == context().subject
    assert [event["event_state"] for event in first["events"]] == ["dpv:ConsentGiven", "dpv:ConsentWithdrawn"]
    assert [event["event_type"] for event in first["events"]] == ["newsletter_page", "unsubscribe_link"]
    assert all(set(event) == EVENT for record in said["records"] for event in record["events"])
    notice = first["pii_processing"]["privacy_notice"]
    assert notice["text"] == CONSENT_TEXTS.root["newsletter"][0].text.ja
    assert notice["sha256"] == CONSENT_TEXTS.root["newsletter"][0].sha256("ja")
    assert [each["id"] for each in first["pii_processing"]["pii_information"]] == ["contact", "consent"]
    assert first["pii_processing"]["purposes"][0]["label"]["ja"] == "ご希望されたメールマガジンの配信"
    assert "privacy_notice" not in list_only["pii_processing"], "nothing was read to stop a list"
    assert [event["event_state"] for event in again["events"]] == ["dpv:ConsentGiven"]


def test_words_that_were_changed_since_are_not_said_to_be_those() -> None:
    record = on_record()
    changed = CONSENT_TEXTS.root["newsletter"][0].model_copy(update={"text": CONSENT_TEXTS.root["surveys"][0].text})
    other = ConsentsOnRecord(entries=record.entries, texts=type(CONSENT_TEXTS)({"newsletter": (changed,)}))
    notice = json.loads(answered(other)["data/consents.json"])["records"][0]["pii_processing"]["privacy_notice"]
    assert set(notice) == {"version", "sha256"}


def test_the_versions_of_the_policy_that_were_accepted_are_named_with_their_texts() -> None:
    (accepted,) = json.loads(answered(on_record())["data/acceptances.json"])["acceptances"]
    assert (accepted["version"], accepted["valid_from"]) == ("2026-09", "2026-09-01")
    assert accepted["texts"]["ja"] == {"link": POLICY.root[0].ja.link, "sha256": POLICY.root[0].ja.sha256}


@pytest.mark.parametrize(
    ("page", "shown"),
    [
        ("index.html", ("Your consents on record", "Taken back", "by the link in an e-mail", "2026-09")),
        ("index.ja.html", ("同意の記録", "撤回", "メール内のリンク")),
    ],
)
def test_a_person_reads_it_on_the_page(page: str, shown: tuple[str, ...]) -> None:
    html = answered(on_record())[page].decode()
    for words in shown:
        assert words in html


def test_nothing_on_record_is_an_answer_too() -> None:
    files = answered(None)
    assert json.loads(files["data/consents.json"])["records"] == []
    assert json.loads(files["data/acceptances.json"])["acceptances"] == []
    assert "No consent of yours is on record" in files["index.html"].decode()


@pytest.mark.parametrize("kind", [RequestType.PORTABILITY, RequestType.INFORMATION, RequestType.PROVISION_RECORDS])
def test_other_answers_do_without(kind: RequestType) -> None:
    assert "data/consents.json" not in answered(on_record(), kind)
