"""What SES says is read strictly where we need it, and anything else is no news of ours, whatever it is."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rightsdesk.domain.letters import DeliveryNews, DeliveryState, Letter
from rightsdesk.mail.delivery_news import read_delivery_news

EVENTS = Path(__file__).parents[3] / "events"


def sample(name: str) -> dict[str, Any]:
    (record,) = json.loads((EVENTS / f"record_delivery-{name}.json").read_text("utf-8"))["Records"]
    return dict(record)


def notification(event: Any) -> dict[str, Any]:
    return {"Sns": {"Message": event if isinstance(event, str) else json.dumps(event)}}


def changed(path: str, value: Any) -> dict[str, Any]:
    """The sample of a bounce with one value replaced; `path` is parted by slashes."""
    event = json.loads(sample("bounced")["Sns"]["Message"])
    *folders, name = path.split("/")
    place = event
    for folder in folders:
        place = place[folder]
    place[name] = value
    return notification(event)


@pytest.mark.parametrize(
    ("name", "state", "at", "permanent"),
    [
        ("delivered", DeliveryState.DELIVERED, datetime(2026, 11, 23, 10, 0, 2, 123000, UTC), True),
        ("bounced", DeliveryState.BOUNCED, datetime(2026, 11, 23, 10, 0, 2, 123000, UTC), True),
        ("bounced_for_now", DeliveryState.BOUNCED, datetime(2026, 11, 23, 22, 0, 2, 123000, UTC), False),
        ("complained", DeliveryState.COMPLAINED, datetime(2026, 11, 23, 11, 0, tzinfo=UTC), True),
        ("rejected", DeliveryState.FAILED, datetime(2026, 11, 23, 10, 0, tzinfo=UTC), True),
    ],
)
def test_each_kind_of_news_reads_as_a_state(name: str, state: DeliveryState, at: datetime, permanent: bool) -> None:
    assert read_delivery_news(sample(name)) == DeliveryNews(
        request_id="0f1e2d3c4b5a69788796a5b4c3d2e1f0",
        letter=Letter.ANSWER_READY,
        recipient_key="b6616006638057af78cc6d57cd3946a5cb70bac83438cca34830baf6e1389347",
        version=1,
        state=state,
        at=at,
        permanent=permanent,
    )


def test_of_a_mail_of_a_campaign_it_says_which_campaign_and_whom_by_a_digest() -> None:
    news = read_delivery_news(sample("campaign_complained"))
    assert news is not None
    assert (news.letter, news.state, news.request_id) == (
        Letter.CONSENT_QUESTION,
        DeliveryState.COMPLAINED,
        "5f0c2d7a91b34e68",
    )


def test_the_sentence_that_a_new_topic_is_greeted_with_is_no_news() -> None:
    assert read_delivery_news(sample("greeting")) is None


def test_a_time_of_another_zone_is_kept_as_utc() -> None:
    news = read_delivery_news(changed("bounce/timestamp", "2026-11-23T11:00:00+09:00"))
    assert news is not None
    assert (news.at, news.at.tzinfo) == (datetime(2026, 11, 23, 2, 0, tzinfo=UTC), UTC)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("eventType", "Send"),
        ("eventType", "Rendering Failure"),
        ("eventType", None),
        ("bounce/bounceType", "Sideways"),
        ("bounce/timestamp", "yesterday"),
        ("bounce/timestamp", "2026-11-23T11:00:00"),
        ("bounce", None),
        ("mail", []),
        ("mail/tags", {}),
        ("mail/tags/request", []),
        ("mail/tags/request", ["a" * 32, "b" * 32]),
        ("mail/tags/request", ["REQ#x"]),
        ("mail/tags/request", ["a" * 257]),
        ("mail/tags/request", "0f1e2d3c4b5a69788796a5b4c3d2e1f0"),
        ("mail/tags/letter", ["newsletter"]),
        ("mail/tags/letter", ["answer_ready\n"]),
        ("mail/tags/recipient", [{"$ne": ""}]),
        ("mail/tags/version", ["-1"]),
        ("mail/tags/version", ["one"]),
        ("mail/tags/version", ["1e400"]),
    ],
)
def test_what_is_not_about_a_letter_of_ours_is_no_news(path: str, value: Any) -> None:
    assert read_delivery_news(changed(path, value)) is None


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)


@given(JSON | st.fixed_dictionaries({"Sns": JSON | st.fixed_dictionaries({"Message": JSON | st.text()})}))
def test_nothing_at_all_raises(record: Any) -> None:
    assert read_delivery_news(record) is None


@given(st.sampled_from(["Delivery", "Bounce", "Complaint", "Reject"]), JSON, JSON)
def test_no_event_of_a_known_kind_raises(kind: str, mail: Any, section: Any) -> None:
    assert read_delivery_news(notification({"eventType": kind, "mail": mail, kind.lower(): section})) is None


@pytest.mark.parametrize("text", ["[" * 200_000, "1" * 10_000, '"\\ud800"', "\x00"])
def test_a_message_made_to_break_a_parser_is_no_news(text: str) -> None:
    assert read_delivery_news(notification(text)) is None
