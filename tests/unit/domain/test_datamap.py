"""What makes a data map wrong: each mistake is found, all of them at once, each at its place."""

from collections.abc import Callable
from typing import Any

import pytest
from pydantic import ValidationError

from rightsdesk.domain.datamap import fill, placeholders
from rightsdesk.domain.datamap_check import DataMapProblems
from rightsdesk.domain.records import Record
from tests.unit.domain import maps
from tests.unit.domain.maps import LABEL, a_shop, data_map, field

Raw = dict[str, Any]


def collection(raw: Raw, name: str) -> Raw:
    return next(s["collections"][name] for s in raw["sources"].values() if name in s["collections"])


def problems(raw: Raw) -> dict[str, str]:
    """Place -> what is wrong there."""
    with pytest.raises(ValidationError) as caught:
        data_map(raw)
    found: dict[str, str] = {}
    for error in caught.value.errors():
        cause = error.get("ctx", {}).get("error")
        if isinstance(cause, DataMapProblems):
            found |= {".".join(map(str, problem.path)): problem.message for problem in cause.problems}
        else:
            found[".".join(map(str, error["loc"]))] = error["msg"]
    return found


def test_a_right_map_is_read() -> None:
    read = data_map(a_shop())
    assert [one.path for one in read.collections] == ["shop/lines", "shop/members", "shop/orders", "files/letters"]
    assert read.identity.path == "shop/members"
    assert read.verifiable == {"email"}
    assert read.collection("shop/orders").identifying == {"order_id": "order_id"}


@pytest.mark.parametrize(
    ("place", "change", "message"),
    [
        ("members.fields.text.purposes", lambda f: f.update(purposes=["advertising"]), "unknown purpose advertising"),
        ("members.fields.text.recipients", lambda f: f.update(recipients=["spy"]), "unknown recipient spy"),
        ("members.fields.text.retention", lambda f: f.update(retention="forever"), "unknown retention forever"),
        ("members.fields.text.identifies", lambda f: f.update(identifies="ghost"), "unknown identifier ghost"),
    ],
)
def test_names_that_point_nowhere(place: str, change: Callable[[Raw], None], message: str) -> None:
    raw = a_shop()
    change(collection(raw, "members")["fields"]["text"])
    assert problems(raw) == {f"sources.shop.collections.{place}": message}


def test_a_key_template_that_names_an_unknown_identifier() -> None:
    raw = a_shop()
    collection(raw, "letters")["key"] = "letters/{member}.jsonl"
    assert problems(raw) == {"sources.files.collections.letters": "unknown identifier member"}


def test_a_collection_that_no_search_reaches() -> None:
    raw = a_shop()
    raw["identifiers"]["device_id"] = {"label": LABEL}
    collection(raw, "letters")["key"] = "letters/{device_id}.jsonl"
    assert "can't be reached" in problems(raw)["sources.files.collections.letters"]


def test_a_way_in_that_no_search_comes_to_know() -> None:
    raw = a_shop()
    raw["identifiers"]["device_id"] = {"label": LABEL}
    collection(raw, "orders")["find_by"].append({"identifier": "device_id", "key": "device"})
    assert "device_id" in problems(raw)["sources.shop.collections.orders"]


def test_identifiers_that_stay_erased_are_named_and_what_a_list_holds_are_identifiers() -> None:
    raw = a_shop()
    raw["identifiers"]["email"]["suppressed"] = True
    raw["identifiers"]["linked_account"] = {"label": LABEL, "suppressed": True}
    collection(raw, "members")["fields"]["accounts"] = field(
        type="list", identifies="linked_account", identified_by=["provider", "id"]
    )
    read = data_map(raw)
    assert read.suppressed == {"email", "linked_account"}
    record: Record = {
        "member_id": 1042,
        "accounts": [{"provider": "line", "id": "U4af"}, {"provider": "line"}, {"id": 7, "provider": "acme"}],
    }
    assert list(read.identity.identifiers_in(record)) == [
        ("member_id", "1042"),
        ("linked_account", "line:U4af"),
        ("linked_account", "acme:7"),
    ]


def test_a_list_plays_no_role_in_the_check_of_identity() -> None:
    raw = a_shop()
    collection(raw, "members")["fields"]["changes"] = field(type="list", role="mailbox_changed_at")
    assert "can't be compared" in problems(raw)["sources.shop.collections.members.fields.changes.type"]


def test_nobody_or_two_say_who_is_a_member() -> None:
    raw = a_shop()
    collection(raw, "orders")["identity"] = True
    assert "shop/members" in problems(raw)["sources.shop.collections.orders.identity"]
    del collection(raw, "orders")["identity"], collection(raw, "members")["identity"]
    assert "identity: true" in problems(raw)["sources"]


def test_sources_that_need_one_another() -> None:
    raw = a_shop()
    collection(raw, "letters")["fields"]["order"] = field(identifies="order_id")
    raw["sources"]["files"]["collections"]["parcels"] = maps.rows("order_id")
    collection(raw, "letters")["fields"]["member"] = field(identifies="member_id")
    assert "need one another: shop, files" in problems(raw)["sources"]


def test_the_same_name_in_two_sources() -> None:
    raw = a_shop()
    raw["sources"]["files"]["collections"]["orders"] = maps.rows("member_id")
    assert "shop/orders" in problems(raw)["sources.files.collections.orders"]


def test_no_identifier_starts_a_search() -> None:
    raw = a_shop()
    raw["identifiers"]["email"]["verifiable"] = False
    assert "verifiable" in problems(raw)["identifiers"]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"label": {"en": "Name"}}, "Field required"),
        ({"label": {"en": "Name", "ja": " "}}, "at least 1 character"),
        ({"purposes": []}, "at least 1 item"),
        ({"basis": "because"}, "'consent'"),
        ({"origin": "bought"}, "'provided'"),
        ({"category": "misc"}, "'identification'"),
        ({"about": "other_person", "identifies": "member_id"}, "another person"),
        ({"disclose": "never"}, "`ground` and `reason`"),
        ({"reason": LABEL}, "`disclose: never`"),
        ({"schema_org": "name", "origin": "inferred"}, "portable"),
        ({"schema_org": "name", "basis": "legitimate_interests"}, "portable"),
        ({"currency": "JPY", "type": "date"}, "amounts"),
        ({"type": "list", "identified_by": ["provider", "id"]}, "a list of objects that identifies"),
        ({"identifies": "member_id", "identified_by": ["provider", "id"]}, "a list of objects that identifies"),
        ({"colour": "red"}, "not permitted"),
    ],
)
def test_a_field_that_contradicts_itself(changes: Raw, message: str) -> None:
    raw = a_shop()
    collection(raw, "members")["fields"]["text"] |= changes
    assert message in "".join(problems(raw).values())


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"technical": ["text"]}, "under `fields` as well"),
        ({"fields": {"a": field(role="postcode"), "b": field(role="postcode")}}, "more than one field"),
        ({"fields": {"a": field(role="mailbox_changed_at")}}, "identity collection"),
        ({"fields": {"a": field(schema_org="name")}}, "no `schema_org` type"),
        ({"schema_org": "Order", "fields": {n: field(schema_org="name") for n in "ab"}}, "more than one field"),
        ({"fields": {"a": field(identifies="order_id", type="integer")}}, "is text"),
        (
            {"fields": {"a": field(identifies="order_id", disclose="never", ground="security", reason=LABEL)}},
            "can't be withheld",
        ),
        ({"zone": "Mars/Phobos"}, "unknown time zone"),
        ({"keys": [], "find_by": [{"identifier": i, "key": i} for i in ("email", "member_id")]}, "needs `keys`"),
        ({"find_by": [{"identifier": "member_id", "key": "k", "template": "M#"}]}, "{value} exactly once"),
        ({"find_by": [{"identifier": "member_id", "key": "k", "sort_key": "sk"}]}, "go together"),
        ({"find_by": [{"identifier": "member_id", "key": "k", "fetch": True}]}, "for an index"),
        (
            {"find_by": [{"identifier": "member_id", "key": "k", "key_type": "number", "template": "M{value}"}]},
            "no template",
        ),
    ],
)
def test_a_table_that_contradicts_itself(changes: Raw, message: str) -> None:
    raw = a_shop()
    collection(raw, "orders").update(changes)
    assert message in "".join(problems(raw).values())


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"key": None}, "`prefix`"),
        ({"prefix": "letters/"}, "give `key`"),
        ({"key": "letters.jsonl"}, "names one identifier"),
        ({"key": "letters/{member_id"}, "braces"),
        ({"format": "xml"}, "'jsonl'"),
        ({"encoding": "latin-1"}, "'utf-8'"),
        ({"format": "parquet", "compression": "gzip"}, "own compression"),
        ({"key": None, "prefix": "letters/"}, "go together"),
    ],
)
def test_files_that_contradict_themselves(changes: Raw, message: str) -> None:
    raw = a_shop()
    collection(raw, "letters").update(changes)
    assert message in "".join(problems(raw).values())


def test_everything_wrong_is_told_at_once() -> None:
    raw = a_shop()
    collection(raw, "members")["fields"]["text"]["purposes"] = ["x"]
    collection(raw, "orders")["fields"]["text"]["retention"] = "y"
    assert len(problems(raw)) == 2


@pytest.mark.parametrize(
    ("changes", "portable"),
    [
        ({}, True),
        ({"origin": "observed", "basis": "consent"}, True),
        ({"origin": "inferred"}, False),
        ({"origin": "assigned"}, False),
        ({"basis": "legal_obligation"}, False),
        ({"about": "other_person"}, False),
        ({"disclose": "never", "ground": "security", "reason": LABEL}, False),
    ],
)
def test_portable_is_provided_or_observed_on_consent_or_contract(changes: Raw, portable: bool) -> None:
    raw = a_shop()
    collection(raw, "members")["fields"]["text"] |= changes
    assert data_map(raw).identity.fields["text"].portable is portable


def test_a_template_is_filled_once() -> None:
    assert placeholders("a/{member_id}.jsonl") == ("member_id",)
    assert placeholders("${Bucket}/x") == ()
    assert fill("a/{member_id}.jsonl", "{member_id}${x}\\1") == "a/{member_id}${x}\\1.jsonl"


@pytest.mark.parametrize(
    ("changes", "place", "message"),
    [
        ({"dated_by": {"account_closed": "gone"}}, "dated_by.account_closed", "unknown field gone"),
        ({"dated_by": {"account_closed": "text"}}, "dated_by.account_closed", "text is not a day"),
        ({"losses": [{"label": LABEL, "sum": "gone"}]}, "losses.0.sum", "unknown field gone"),
        ({"losses": [{"label": LABEL, "sum": "text"}]}, "losses.0.sum", "not a whole number"),
        ({"losses": [{"label": LABEL, "when": {"field": "gone", "one_of": ["a"]}}]}, "losses.0.when", "unknown field"),
        ({"losses": [{"label": LABEL, "when": {"field": "text", "above": 0}}]}, "losses.0.when", "not a number"),
        ({"losses": [{"label": LABEL, "when": {"field": "text", "not_past": True}}]}, "losses.0.when", "not a day"),
    ],
)
def test_days_and_losses_that_no_field_holds(changes: Raw, place: str, message: str) -> None:
    raw = a_shop()
    collection(raw, "members").update(changes)
    assert message in problems(raw)[f"sources.shop.collections.members.{place}"]


def test_days_and_losses_that_fields_hold() -> None:
    raw = a_shop()
    collection(raw, "members").update(
        dated_by={"account_closed": "closed_on"},
        losses=[{"label": LABEL, "when": {"field": "closed_on", "not_past": True}, "sum": "points"}],
    )
    collection(raw, "members")["fields"] |= {"closed_on": field(type="date"), "points": field(type="integer")}
    collection(raw, "letters")["versions"] = "remove"
    members = data_map(raw).collection("shop/members")
    assert members.dated_by == {"account_closed": "closed_on"}
    assert members.losses[0].total == "points"


def test_a_day_of_an_event_that_no_retention_starts_from() -> None:
    raw = a_shop()
    collection(raw, "members")["fields"]["closed_on"] = field(type="date")
    collection(raw, "members")["dated_by"] = {"new_moon": "closed_on"}
    assert "from: new_moon" in problems(raw)["sources.shop.collections.members.dated_by.new_moon"]


def test_a_law_is_named_as_the_regimes_of_a_person_name_it() -> None:
    raw = a_shop()
    own = {"en": "GDPR, Article 7(1)", "ja": "GDPR第7条第1項"}
    raw["retention"]["account"] |= {"law": LABEL, "law_under": {"gdpr": own}}
    retention = data_map(raw).retention["account"]
    named = {regimes: retention.law_for(regimes) for regimes in (("gdpr", "appi"), ("appi",), ("promise",), ())}
    assert {regimes: law and law.en for regimes, law in named.items()} == {
        ("gdpr", "appi"): own["en"],
        ("appi",): LABEL["en"],
        ("promise",): LABEL["en"],
        (): LABEL["en"],
    }
    del raw["retention"]["account"]["law"]
    with pytest.raises(ValidationError, match="which everybody else is told"):
        data_map(raw)
