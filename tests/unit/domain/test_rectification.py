"""What may be corrected, and which rows a correction writes (GDPR 16, APPI 34)."""

# serves: E-03

import copy
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from rightsdesk.domain.correction import Correction, Dispute, Rectification, RowTally, masked_value
from rightsdesk.domain.datamap import DataMap
from rightsdesk.domain.erasing import RowFate
from rightsdesk.domain.errors import InvalidInputError
from rightsdesk.domain.rectification import (
    CollectionRule,
    checked,
    new_addresses,
    recipients_of,
    searched,
    touches_contact,
    written_in,
)
from tests.unit.domain import maps

NOW = datetime(2026, 9, 1, 9, 30, tzinfo=UTC)
MEMBERS: dict[str, Any] = {
    "member_id": maps.field(identifies="member_id", origin="assigned"),
    "email": maps.field(
        identifies="email", category="contact", corrected_by="subject", format="email", recipients=["mailer"]
    ),
    "email_changed_at": maps.field(origin="observed", role="mailbox_changed_at", type="timestamp"),
    "name": maps.field(category="identification", recipients=["carrier"]),
    "phone": maps.field(category="contact", format="phone"),
    "birth_date": maps.field(type="date"),
    "points": maps.field(origin="assigned", type="integer"),
    "weight": maps.field(type="number"),
    "member": maps.field(type="boolean"),
    "interests": maps.field(type="list"),
    "last_login_at": maps.field(origin="observed", type="timestamp", corrected_by="nobody"),
    "segment": maps.field(origin="inferred", disputed_in="segment_note"),
    "segment_note": maps.field(),
    "score": maps.field(origin="inferred"),
    "tom": maps.field(about="other_person"),
}


def written() -> dict[str, Any]:
    members = maps.table("email", identity=True) | {"fields": copy.deepcopy(MEMBERS)}
    orders = maps.table("member_id", "email")
    orders["find_by"][1] = {"identifier": "email", "index": "by_guest", "key": "guest_email"}
    orders["fields"] = {
        "guest_email": maps.field(category="contact", format="email", same_as="shop/members.email"),
        "ship_name": maps.field(same_as="shop/members.name", recipients=["carrier", "printer"]),
        "order_id": maps.field(identifies="order_id", origin="assigned"),
    }
    surveys = maps.rows("member_id", format="csv") | {
        "fields": {
            "answer": maps.field(),
            "name": maps.field(same_as="shop/members.name"),
            "born": maps.field(type="date", same_as="shop/members.birth_date"),
        }
    }
    visits = maps.rows("member_id", format="parquet") | {
        "technical": [],
        "fields": {"member_id": maps.field(origin="assigned"), "page": maps.field()},
    }
    whole = maps.written(
        "email",
        "member_id",
        "order_id",
        shop=maps.source("dynamodb", members=members, orders=orders),
        files=maps.source("s3", surveys=surveys),
        analytics=maps.source("s3", visits=visits),
    )
    whole["recipients"] = {
        name: {"label": maps.LABEL, "role": "processor", "country": "JP"} for name in ("carrier", "mailer", "printer")
    }
    return whole


MAP: DataMap = maps.data_map(written())


def correction(field: str, old: Any, new: Any, evidence: str | None = None) -> Correction:
    return Correction(field=field, old=old, new=new, evidence=evidence)


def stated(*corrections: Correction, disputes: tuple[Dispute, ...] = ()) -> Rectification:
    tidy, disputed = checked(MAP, corrections, disputes)
    return Rectification(corrections=tidy, disputes=disputed, stated_by="sub-handler")


def rule(path: str, *corrections: Correction, disputes: tuple[Dispute, ...] = ()) -> CollectionRule:
    return written_in(MAP, stated(*corrections, disputes=disputes))[path]


def problems(*corrections: Correction, disputes: tuple[Dispute, ...] = ()) -> list[tuple[str, str]]:
    with pytest.raises(InvalidInputError) as caught:
        checked(MAP, corrections, disputes)
    return [(problem.field, problem.reason) for problem in caught.value.problems]


@pytest.mark.parametrize(
    ("field", "old", "new", "at", "reason"),
    [
        ("shop/nothing.name", "a", "b", "field", "unknown_field"),
        ("shop/members.shoe_size", "a", "b", "field", "unknown_field"),
        ("members", "a", "b", "field", "unknown_field"),
        ("shop/members.member_id", "M-1", "M-2", "field", "not_to_be_corrected"),
        ("shop/orders.order_id", "K-1", "K-2", "field", "not_to_be_corrected"),
        (
            "shop/members.email_changed_at",
            "2026-01-01T00:00:00Z",
            "2025-01-02T00:00:00Z",
            "field",
            "not_to_be_corrected",
        ),
        ("shop/members.last_login_at", "2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z", "field", "not_to_be_corrected"),
        ("shop/members.segment", "bargain", "luxury", "field", "an_inference"),
        ("shop/members.tom", "Tom", "Tim", "field", "about_another_person"),
        ("shop/members.interests", "tea", "coffee", "field", "not_one_value"),
        ("analytics/visits.member_id", "M-1", "M-2", "field", "not_to_be_corrected"),
        ("shop/members.points", 5, 50, "evidence", "missing"),
        ("shop/members.email", "jane@example.com", "jane at example", "new", "not_email"),
        ("shop/members.email", None, "jane@example.com", "old", "missing"),
        ("shop/members.phone", "03-1234-5678", "call me", "new", "not_phone"),
        ("shop/members.phone", "03-1234-5678", "12", "new", "not_phone"),
        ("shop/members.birth_date", "1980-01-02", "2 January", "new", "not_date"),
        ("shop/members.birth_date", "1980-01-02", "1980-02-30", "new", "not_date"),
        ("shop/members.birth_date", "1980-01-02", "1980/01/02", "new", "same_as_old"),
        ("shop/members.weight", "61.5", "heavy", "new", "not_number"),
        ("shop/members.weight", "61.5", True, "new", "not_number"),
        ("shop/members.weight", "61.5", "1e999999999", "new", "not_number"),
        ("shop/members.weight", "61.5", "-1e-999999999", "new", "not_number"),
        ("shop/members.member", True, "perhaps", "new", "not_boolean"),
        ("shop/members.name", "Jane", "", "new", "missing"),
        ("shop/members.name", "Jane", "Ja\nne", "new", "control_characters"),
        ("shop/members.name", "Jane", "Jane", "new", "same_as_old"),
        ("shop/members.name", "Jane", 7, "new", "not_as_held"),
    ],
)
def test_what_can_not_be_corrected_is_named_by_its_place(field: str, old: Any, new: Any, at: str, reason: str) -> None:
    assert problems(correction(field, old, new)) == [(f"corrections.0.{at}", reason)]


def test_nothing_too_much_and_the_same_twice_are_refused() -> None:
    phone = correction("shop/members.phone", "03-1234-5678", "03-1234-5679")
    assert problems() == [("corrections", "missing")]
    assert problems(*[phone] * 51)[0] == ("corrections", "too_many")
    assert problems(phone, phone) == [("corrections.1.field", "said_twice")]
    name = correction("shop/members.name", "Jane", "Janet")
    assert problems(name, correction("shop/orders.ship_name", "Jane", "Joan")) == [
        ("corrections.1.field", "said_twice")
    ]


@pytest.mark.parametrize(
    ("field", "note", "at", "reason"),
    [
        ("shop/members.shoes", "No.", "field", "unknown_field"),
        ("shop/members.name", "No.", "field", "not_an_inference"),
        ("shop/members.score", "No.", "field", "no_place_for_a_note"),
        ("shop/members.segment", "  ", "note", "missing"),
        ("shop/members.segment", "No.\x00", "note", "control_characters"),
    ],
)
def test_only_a_conclusion_is_disputed(field: str, note: str, at: str, reason: str) -> None:
    assert problems(disputes=(Dispute(field=field, note=note),)) == [(f"disputed.0.{at}", reason)]


def test_a_disputed_conclusion_is_annotated_and_never_overwritten() -> None:
    it = rule("shop/members", disputes=(Dispute(field="shop/members.segment", note="I never buy discounts."),))
    change = it.change({"segment": "bargain"}, at=NOW)
    assert (change.fate, change.set) == (RowFate.CORRECT, {"segment_note": "I never buy discounts."})
    assert it.change({"segment": "bargain", **change.set}, at=NOW).fate is RowFate.KEEP
    assert it.change({"segment": ""}, at=NOW).fate is RowFate.KEEP


def test_one_correction_reaches_every_field_that_holds_the_same() -> None:
    rules = written_in(MAP, stated(correction("shop/orders.ship_name", "Jane", "Janet")))
    assert list(rules) == ["files/surveys", "shop/members", "shop/orders"]
    assert rules["shop/members"].change({"name": "Jane"}, at=NOW).set == {"name": "Janet"}
    assert rules["shop/orders"].change({"ship_name": "Jane"}, at=NOW).set == {"ship_name": "Janet"}
    assert rules["shop/orders"].change({"ship_name": "Tom"}, at=NOW).fate is RowFate.KEEP


def test_what_is_missing_is_completed_where_it_was_asked_for_alone() -> None:
    rules = written_in(MAP, stated(correction("shop/members.name", None, "Jane")))
    assert list(rules) == ["shop/members"]
    for empty in ({}, {"name": None}, {"name": ""}):
        record: dict[str, Any] = {**empty, "points": 1}
        assert rules["shop/members"].change(record, at=NOW).set == {"name": "Jane"}
    assert rules["shop/members"].change({"name": "Tom"}, at=NOW).fate is RowFate.KEEP


def test_the_same_value_written_in_another_way_is_found() -> None:
    rules = written_in(MAP, stated(correction("shop/members.birth_date", "1980-01-02", "1980-02-01")))
    assert rules["files/surveys"].change({"born": "1980/01/02"}, at=NOW).set == {"born": "1980-02-01"}
    number = rule("shop/members", correction("shop/members.weight", "61.50", "62"))
    assert number.change({"weight": 61.5}, at=NOW).set == {"weight": 62}
    assert number.change({"weight": "61.5"}, at=NOW).set == {"weight": 62}
    assert number.change({"weight": True}, at=NOW).fate is RowFate.KEEP


def test_a13_a_new_mailbox_comes_with_the_moment_from_which_more_is_asked() -> None:
    change = stated(correction("shop/members.email", "Jane@Example.com", "Jane.Murphy@Example.COM "))
    rules = written_in(MAP, change)
    assert rules["shop/members"].change({"email": "jane@example.com", "member_id": "M-1"}, at=NOW).set == {
        "email": "jane.murphy@example.com",
        "email_changed_at": "2026-09-01T09:30:00+00:00",
    }
    assert rules["shop/orders"].change({"guest_email": "jane@example.com"}, at=NOW).set == {
        "guest_email": "jane.murphy@example.com"
    }
    assert list(rules)[-1] == "shop/members"  # what the others are found by goes last
    assert {kind: each.field for kind, each in new_addresses(MAP, change.corrections).items()} == {
        "email": "shop/members.email"
    }


def test_how_the_person_is_reached_is_known_from_the_map() -> None:
    assert touches_contact(MAP, [correction("shop/members.phone", "03-1234-5678", "03-1234-5679")])
    assert touches_contact(MAP, [correction("shop/orders.guest_email", "a@example.com", "b@example.com")])
    assert not touches_contact(MAP, [correction("shop/members.name", "Jane", "Janet")])


def test_who_had_it_and_what_is_read_for_it() -> None:
    assert recipients_of(MAP, ["shop/orders.ship_name", "shop/members.name"]) == ("carrier", "printer")
    assert recipients_of(MAP, ["shop/members.email", "shop/members.gone"]) == ("mailer",)
    assert searched(MAP, ["shop/members"]) == {"shop/members"}
    assert searched(MAP, ["shop/orders"]) == {"shop/members", "shop/orders"}


@pytest.mark.parametrize(
    ("collection", "field", "keys"),
    [
        ("members", "member_id", {"corrected_by": "subject"}),
        ("orders", "ship_name", {"same_as": "shop/members.nothing"}),
        ("orders", "ship_name", {"same_as": "shop/orders.ship_name"}),
        ("members", "phone", {"same_as": "shop/orders.ship_name"}),
        ("members", "points", {"same_as": "shop/members.name"}),
        ("members", "segment", {"disputed_in": "points"}),
        ("members", "segment", {"disputed_in": "nothing"}),
        ("members", "segment", {"corrected_by": "staff"}),
        ("members", "tom", {"corrected_by": "subject"}),
        ("members", "email_changed_at", {"corrected_by": "staff"}),
        ("members", "points", {"format": "phone"}),
        ("members", "name", {"disputed_in": "segment_note"}),
    ],
)
def test_a_map_that_could_not_be_kept_to_is_refused(collection: str, field: str, keys: dict[str, str]) -> None:
    wrong = written()
    wrong["sources"]["shop"]["collections"][collection]["fields"][field] |= keys
    with pytest.raises(ValidationError):
        maps.data_map(wrong)


def test_a_field_by_which_rows_are_found_is_nobodys() -> None:
    wrong = written()
    wrong["sources"]["shop"]["collections"]["members"]["fields"]["pk"] = maps.field(corrected_by="subject")
    wrong["sources"]["shop"]["collections"]["members"]["technical"] = ["sk"]
    with pytest.raises(ValidationError, match="found by it"):
        maps.data_map(wrong)


_values = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Zl", "Zp"]), min_size=1, max_size=40)


@given(held=st.dictionaries(st.sampled_from(sorted(MEMBERS)), _values), old=_values, new=_values)
def test_a_row_is_written_only_where_it_holds_the_old_value(held: dict[str, Any], old: str, new: str) -> None:
    try:
        it = rule("shop/members", correction("shop/members.name", old, new))
    except InvalidInputError:
        return
    change = it.change(dict(held), at=NOW)
    assert (change.fate is RowFate.CORRECT) == (held.get("name") == old)
    assert set(change.set) <= {"name"}
    assert it.change({**held, **change.set}, at=NOW).fate is RowFate.KEEP  # done once, there is nothing left


@given(st.lists(st.tuples(_values, _values), max_size=6), st.randoms())
def test_the_digest_of_a_plan_does_not_depend_on_the_order(rows: list[tuple[str, str]], random: Any) -> None:
    one, other = RowTally("shop/members"), RowTally("shop/members")
    shuffled = random.sample(rows, len(rows))
    for tally, given_rows in ((one, rows), (other, shuffled)):
        for before, after in given_rows:
            tally.add(before, after, {"name": after})
    assert one.planned() == other.planned()
    assert one.corrected() == other.corrected()


@given(st.text(max_size=30))
def test_a_masked_value_shows_less_than_half(value: str) -> None:
    shown = masked_value(value)
    if "@" not in value:
        assert "***" in shown
        assert len(shown) - 3 <= max(0, len(value) / 2)


@pytest.mark.parametrize(
    ("value", "masked"),
    [("153-0041", "153***1"), ("1", "***"), ("山田花子", "山田***"), (True, "Tr***"), (19800102, "198***2")],
)
def test_a_value_is_recognised_by_who_knows_it(value: Any, masked: str) -> None:
    assert masked_value(value) == masked


def test_a_case_is_read_as_it_was_written_without_what_is_not_set() -> None:
    whole = stated(correction("shop/members.name", None, "Jane"), correction("shop/members.member", False, True))
    assert Rectification.model_validate(whole.model_dump(mode="json", exclude_none=True)) == whole
    again = whole.planned_again()
    assert Rectification.model_validate(again.model_dump(mode="json", exclude_none=True)) == again


def test_the_values_of_a_case_are_masked_and_the_evidence_goes() -> None:
    whole = stated(
        correction("shop/members.points", 500, 5000, "the receipt of 3 May"),
        disputes=(Dispute(field="shop/members.segment", note="I never buy discounts."),),
    )
    text = whole.masked().model_dump_json()
    assert "5000" not in text
    assert "receipt" not in text
    assert "never buy" not in text


@pytest.mark.parametrize(
    ("first", "second", "conflict"),
    [
        ({"old": "1", "new": "2", "where": {"name": "A"}}, {"old": "1", "new": "3", "where": {"name": "B"}}, False),
        (
            {"old": "1", "new": "2", "where": {"name": "A"}},
            {"old": "1", "new": "3", "where": {"born": "1990-01-01"}},
            True,
        ),
        ({"old": "1", "new": "2"}, {"old": "1", "new": "3", "where": {"name": "B"}}, True),
        ({"old": "1", "new": "2"}, {"old": "3", "new": "4"}, False),
        (
            {"old": "1", "new": "2"},
            {"old": "2", "new": "3"},
            True,
        ),  # what the first wrote, the second would write again
        ({"old": "1", "new": "2"}, {"old": None, "new": "3"}, False),
    ],
)
def test_two_corrections_of_a_field_never_mean_one_row(
    first: dict[str, Any], second: dict[str, Any], conflict: bool
) -> None:
    """Two addresses, each with another wrong postcode, are one case."""
    both = [Correction(field="files/surveys.answer", **each) for each in (first, second)]
    if conflict:
        assert problems(*both) == [("corrections.1.field", "said_twice")]
    else:
        assert checked(MAP, both, [])[0] == tuple(both)


def test_only_the_rows_that_are_meant_are_written_and_in_this_collection_only() -> None:
    correction = Correction(field="files/surveys.answer", old="1", new="2", where={"name": "A"})
    rule = written_in(MAP, stated(correction))["files/surveys"]
    assert rule.asked({"answer": "1", "name": "A"}) == {"answer": "2"}
    assert rule.asked({"answer": "1", "name": "B"}) == {}
    named = Correction(field="shop/members.name", old="Jane", new="Janet", where={"phone": "03-1234-5678"})
    assert list(written_in(MAP, stated(named))) == ["shop/members"], "elsewhere there is no telephone to tell it by"


def test_what_tells_rows_apart_is_a_field_of_them() -> None:
    def said(field: str, **where: Any) -> list[tuple[str, str]]:
        return problems(Correction(field=field, old="a@example.com", new="b@example.com", where=where))

    assert said("shop/members.name", nothing="x") == [("corrections.0.where.nothing", "unknown_field")]
    assert said("shop/members.name", name="x") == [("corrections.0.where.name", "not_allowed")]
    assert said("shop/members.name", interests="x") == [("corrections.0.where.interests", "not_allowed")]
    assert said("shop/members.email", name="Jane") == [("corrections.0.where", "not_of_an_identifier")]


def test_what_is_kept_of_a_closed_case_tells_no_row_by_its_values() -> None:
    kept = Correction(field="files/surveys.answer", old="1", new="2", where={"name": "Old Lane 5"}).masked()
    assert "Lane" not in kept.model_dump_json()


def test_rows_are_told_apart_by_nothing_that_is_corrected_too() -> None:
    """Planned again once one of them is written, the other would mean other rows."""
    name = Correction(field="files/surveys.name", old="A", new="B")
    answer = Correction(field="files/surveys.answer", old="1", new="2", where={"name": "B"})
    assert problems(answer, name) == [("corrections.0.where.name", "corrected_too")]


def test_a_note_is_not_corrected_and_written_at_once() -> None:
    note = Correction(field="shop/members.segment_note", old="Mine", new="Mine too")
    dispute = Dispute(field="shop/members.segment", note="I never do.")
    assert problems(note, disputes=(dispute,)) == [("disputed.0.field", "said_twice")]


def test_evidence_says_something() -> None:
    points = Correction(field="shop/members.points", old=1, new=2, evidence="x")
    assert problems(points) == [("corrections.0.evidence", "too_short")]
    stated(points.model_copy(update={"evidence": "The orders were counted again."}))


def test_a_note_of_several_lines_is_one() -> None:
    _, (noted,) = checked(MAP, [], [Dispute(field="shop/members.segment", note="No.\r\n\r\nI never\tdo.")])
    assert noted.note == "No. I never do."
