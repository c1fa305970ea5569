"""What is done with each field, by basis, right and law; and what holds whatever the map says."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rightsdesk.domain.datamap import DataMap
from rightsdesk.domain.decisions import FieldAction as A
from rightsdesk.domain.decisions import FieldDecision, recorded
from rightsdesk.domain.fields import Basis, Category, Origin
from rightsdesk.domain.request import SAID_TO_US
from rightsdesk.domain.request import RequestType as T
from rightsdesk.law.decisions import decide_fields, decided_again, given_again, identity_rule, withheld_by_staff
from rightsdesk.law.judgement import JUDGEMENTS
from rightsdesk.law.rule import PROMISE_RULE
from rightsdesk.law.rules import RULES
from tests.unit.domain import maps
from tests.unit.export.package_of_a_shop import datamap

LAWS = [("gdpr",), ("appi",), ("gdpr", "appi"), ("promise",)]
PURPOSES = {"service": "P-02", "newsletter": "P-03", "promotion": "P-05"}


def a_map(*, further: dict[str, Any] | None = None, **about: Any) -> DataMap:
    """Members with one field `it` of which `about` is said, and `further` fields."""
    members = maps.table("email", gives={"member_id": "member_id"}, identity=True)
    members["fields"] = {"it": maps.field(**about)} | (further or {})
    raw = maps.written("email", "member_id", shop=maps.source("dynamodb", members=members))
    raw["purposes"] = {
        name: {"clause": clause, "basis": "contract", "label": maps.LABEL} for name, clause in PURPOSES.items()
    }
    raw["retention"]["tax"] = {"label": maps.LABEL, "months": 84, "from": "tax_return_due", "law": maps.LABEL}
    raw["recipients"]["courier"] = {"label": maps.LABEL, "role": "third_party"}
    return maps.data_map(raw)


def never(ground: str) -> dict[str, Any]:
    return {"disclose": "never", "ground": ground, "reason": maps.LABEL}


def decide(kind: T, *laws: str, **about: Any) -> FieldDecision:
    return decide_fields((kind,), a_map(**about), laws)[0]


def short(decision: FieldDecision) -> tuple[str, str, str | None]:
    return decision.action, decision.rule, decision.judgement


@pytest.mark.parametrize(
    ("basis", "erasure", "objection", "portability", "withdrawal"),
    [
        ("consent", (A.DELETE, "GDPR-17-1-b"), (A.KEEP, "GDPR-6-1-a"), A.GIVE, (A.DELETE, "GDPR-17-1-b")),
        ("contract", (A.DELETE, "GDPR-17-1-a"), (A.KEEP, "GDPR-6-1-b"), A.GIVE, (A.KEEP, "GDPR-6-1-b")),
        ("legal_obligation", (A.KEEP, "GDPR-17-3-b"), (A.KEEP, "GDPR-6-1-c"), A.WITHHOLD, (A.KEEP, "GDPR-6-1-c")),
        ("vital_interests", (A.DELETE, "GDPR-17-1-a"), (A.KEEP, "GDPR-6-1-d"), A.WITHHOLD, (A.KEEP, "GDPR-6-1-d")),
        ("public_task", (A.KEEP, "GDPR-17-3-b"), (A.KEEP, "GDPR-21-1"), A.WITHHOLD, (A.KEEP, "GDPR-6-1-e")),
        ("legitimate_interests", (A.DELETE, "GDPR-17-1-c"), (A.KEEP, "GDPR-21-1"), A.WITHHOLD, (A.KEEP, "GDPR-6-1-f")),
    ],
)
def test_the_legal_basis_decides_the_rights(
    basis: str, erasure: tuple[A, str], objection: tuple[A, str], portability: A, withdrawal: tuple[A, str]
) -> None:
    assert short(decide(T.ERASURE, "gdpr", basis=basis))[:2] == erasure
    assert short(decide(T.OBJECTION, "gdpr", basis=basis))[:2] == objection
    assert short(decide(T.PORTABILITY, "gdpr", basis=basis)) == (portability, "GDPR-20-1", None)
    assert short(decide(T.CONSENT_WITHDRAWAL, "gdpr", basis=basis))[:2] == withdrawal
    assert short(decide(T.ACCESS, "gdpr", basis=basis)) == (A.GIVE, "GDPR-15", None)
    assert short(decide(T.RESTRICTION, "gdpr", basis=basis)) == (A.KEEP, "GDPR-18-1", "GDPR-18-1")
    assert short(decide(T.RECTIFICATION, "gdpr", basis=basis)) == (A.KEEP, "GDPR-16", "GDPR-16")


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        (T.INFORMATION, (A.GIVE, "APPI-32-1", None)),
        (T.ACCESS, (A.GIVE, "APPI-33-1", None)),
        (T.RECTIFICATION, (A.KEEP, "APPI-34", "APPI-34")),
        (T.ERASURE, (A.DELETE, "APPI-35-5", None)),
        (T.RESTRICTION, (A.KEEP, "APPI-35-1", "APPI-35-2")),
        (T.STOP_PROVISION, (A.KEEP, "APPI-35-3", None)),
        (T.PURPOSE_NOTICE, (A.GIVE, "APPI-32-2", None)),
        (T.PROVISION_RECORDS, (A.KEEP, "APPI-33-5", None)),
        # The Act knows neither: what is asked for is our own promise.
        (T.PORTABILITY, (A.GIVE, PROMISE_RULE, None)),
        (T.OBJECTION, (A.KEEP, PROMISE_RULE, None)),
    ],
)
def test_the_rights_of_the_appi(kind: T, expected: tuple[A, str, str | None]) -> None:
    assert short(decide(kind, "appi")) == expected


def test_what_goes_to_third_parties_is_on_record_and_may_be_stopped() -> None:
    given_away = {"recipients": ["courier"]}
    assert short(decide(T.PROVISION_RECORDS, "appi", **given_away)) == (A.GIVE, "APPI-33-5", None)
    assert short(decide(T.STOP_PROVISION, "appi", **given_away)) == (A.KEEP, "APPI-35-3", "APPI-35-2")
    assert short(decide(T.STOP_PROVISION, "appi", retention="tax", **given_away)) == (A.KEEP, "APPI-35-3", "APPI-35-2")
    assert short(decide(T.PROVISION_RECORDS, "appi", recipients=["carrier"]))[0] is A.KEEP  # works for us


@pytest.mark.parametrize(
    ("ground", "appi"),
    [
        ("rights_of_others", "APPI-33-2-i"),
        ("security", "APPI-33-2-ii"),
        ("trade_secret", "APPI-33-2-ii"),
        ("crime_prevention", "APPI-33-2-ii"),
    ],
)
def test_what_is_never_disclosed_is_withheld_on_its_ground(ground: str, appi: str) -> None:
    assert short(decide(T.ACCESS, "gdpr", **never(ground))) == (A.WITHHOLD, "GDPR-15-4", None)
    assert short(decide(T.ACCESS, "appi", **never(ground))) == (A.WITHHOLD, appi, None)
    assert short(decide(T.PORTABILITY, "gdpr", **never(ground))) == (A.WITHHOLD, "GDPR-20-4", None)


def test_what_is_about_others_waits_for_a_person_to_judge() -> None:
    others = {"about": "other_person"}
    assert short(decide(T.ACCESS, "gdpr", **others)) == (A.WITHHOLD, "GDPR-15-4", "GDPR-15-4")
    assert short(decide(T.ACCESS, "appi", **others)) == (A.WITHHOLD, "APPI-33-2-i", "APPI-33-2-i")
    assert short(decide(T.PORTABILITY, "gdpr", **others)) == (A.WITHHOLD, "GDPR-20-4", None)


@pytest.mark.parametrize(
    ("origin", "action", "told"),
    [
        ("provided", A.GIVE, "GDPR-13"),
        ("observed", A.GIVE, "GDPR-13"),
        ("inferred", A.WITHHOLD, "GDPR-14"),
        ("assigned", A.WITHHOLD, "GDPR-14"),
    ],
)
def test_the_origin_decides_what_is_portable_and_how_it_is_told(origin: str, action: A, told: str) -> None:
    assert decide(T.PORTABILITY, "gdpr", origin=origin).action is action
    assert short(decide(T.INFORMATION, "gdpr", origin=origin)) == (A.GIVE, told, None)
    reviewed = decide(T.AUTOMATED_DECISION, "gdpr", origin=origin)
    assert (reviewed.judgement == "GDPR-22-3") is (origin == "inferred")


@pytest.mark.parametrize("basis", [basis.value for basis in Basis])
def test_what_a_law_makes_us_keep_is_kept_whatever_its_basis(basis: str) -> None:
    """A contract's order papers are tax papers as well."""
    kept = {"basis": basis, "retention": "tax"}
    assert short(decide(T.ERASURE, "gdpr", **kept)) == (A.KEEP, "GDPR-17-3-b", None)
    assert short(decide(T.ERASURE, "appi", **kept)) == (A.KEEP, "APPI-35-5", None)
    assert short(decide(T.ERASURE, "promise", **kept)) == (A.KEEP, PROMISE_RULE, None)
    assert short(decide(T.OBJECTION, "gdpr", **kept)) == (A.KEEP, "GDPR-6-1-c", None)
    assert decide(T.CONSENT_WITHDRAWAL, "gdpr", **kept).action is A.KEEP


def test_the_key_of_a_record_that_a_law_keeps_is_anonymised_and_the_rest_of_it_deleted() -> None:
    """Neither the key nor the address has a law of its own; without the key the record would fall apart."""
    data_map = a_map(
        retention="tax",
        further={
            "number": maps.field(identifies="member_id", origin="assigned"),
            "email": maps.field(identifies="email"),
            "interests": maps.field(basis="consent"),
        },
    )
    for law, rule in (("gdpr", "POLICY-KEPT-RECORD"), ("appi", "POLICY-KEPT-RECORD")):
        it, number, email, interests = decide_fields((T.ERASURE,), data_map, (law,))
        assert it.action is A.KEEP
        assert (number.action, number.rule) == (A.ANONYMISE, rule)
        assert (email.action, interests.action) == (A.DELETE, A.DELETE)
    unkept = a_map(further={"number": maps.field(identifies="member_id", origin="assigned")})
    assert decide_fields((T.ERASURE,), unkept, ("gdpr",))[1].action is A.DELETE


def test_an_objection_to_marketing_is_absolute_and_to_anything_else_is_weighed() -> None:
    interest = {"basis": "legitimate_interests"}
    assert short(decide(T.OBJECTION, "gdpr", purposes=["promotion"], **interest)) == (A.DELETE, "GDPR-21-3", None)
    assert short(decide(T.OBJECTION, "gdpr", purposes=["service", "promotion"])) == (A.KEEP, "GDPR-21-3", None)
    # That a law makes us hold the data is no reason to advertise with them.
    for kept in ({"retention": "tax"}, {"basis": "legal_obligation"}):
        for purposes in (["promotion"], ["service", "promotion"]):
            assert short(decide(T.OBJECTION, "gdpr", purposes=purposes, **kept)) == (A.KEEP, "GDPR-21-3", None)
        assert short(decide(T.OBJECTION, "gdpr", **kept)) == (A.KEEP, "GDPR-6-1-c", None)
    assert short(decide(T.OBJECTION, "gdpr", **interest)) == (A.KEEP, "GDPR-21-1", "GDPR-21-1")
    assert short(decide(T.ERASURE, "gdpr", purposes=["promotion"], **interest)) == (A.DELETE, "GDPR-17-1-c", None)
    assert short(decide(T.ERASURE, "gdpr", **interest)) == (A.DELETE, "GDPR-17-1-c", "GDPR-21-1")


def test_the_record_of_a_choice_outlives_the_choice() -> None:
    choice = {"category": "consent", "basis": "consent", "purposes": ["newsletter"]}
    assert short(decide(T.CONSENT_WITHDRAWAL, "gdpr", **choice)) == (A.KEEP, "GDPR-7-1", None)
    assert short(decide(T.OBJECTION, "gdpr", **choice)) == (A.KEEP, "GDPR-21-3", None)


def test_of_two_laws_the_one_that_gives_more_holds() -> None:
    both = ("gdpr", "appi")
    assert decide(T.ACCESS, *both).rule == "GDPR-15"  # both give it: the first law
    # What the GDPR deletes at once, the Act would too; a public task is kept by both.
    interest = {"basis": "legitimate_interests", "purposes": ["promotion"]}
    assert short(decide(T.ERASURE, *both, **interest)) == (A.DELETE, "GDPR-17-1-c", None)
    # Storing only is to be had under the GDPR alone, where a law wants the data.
    assert short(decide(T.RESTRICTION, *both, retention="tax")) == (A.KEEP, "GDPR-18-1", "GDPR-18-1")
    # Rights that one law knows are had under that one.
    assert decide(T.PORTABILITY, *both).rule == "GDPR-20-1"
    assert decide(T.PURPOSE_NOTICE, *both).rule == "APPI-32-2"


RIGHTS = [kind for kind in T if kind not in SAID_TO_US]  # what is only said to us decides about no field
GENEROSITY = [A.GIVE, A.DELETE, A.ANONYMISE, A.KEEP, A.WITHHOLD]
GROUNDS = st.sampled_from([None, "security", "rights_of_others", "trade_secret", "crime_prevention"])


@st.composite
def described_fields(draw: st.DrawFn) -> dict[str, Any]:
    ground = draw(GROUNDS)
    return {
        "basis": draw(st.sampled_from([basis.value for basis in Basis])),
        "origin": draw(st.sampled_from([origin.value for origin in Origin])),
        "category": draw(st.sampled_from([category.value for category in Category])),
        "purposes": draw(st.lists(st.sampled_from(sorted(PURPOSES)), min_size=1, unique=True)),
        "retention": draw(st.sampled_from(["account", "tax"])),
        "recipients": draw(st.lists(st.sampled_from(["carrier", "courier"]), unique=True)),
        "about": draw(st.sampled_from(["subject", "other_person"])),
        **(never(ground) if ground else {}),
    }


FIELDS = described_fields()


@given(st.dictionaries(st.sampled_from("abcdef"), FIELDS), FIELDS, st.sampled_from(LAWS))
def test_whatever_the_map_says(further: dict[str, Any], first: dict[str, Any], laws: tuple[str, ...]) -> None:
    further = {name: maps.field(**about) for name, about in further.items()}
    data_map = a_map(further=further, **first)
    fields = next(iter(data_map.collections)).fields
    decisions = decide_fields(T, data_map, laws)
    assert [(d.type, d.field) for d in decisions] == [
        (kind, f"shop/members.{name}") for kind in RIGHTS for name in fields
    ]
    for decision in decisions:
        field = fields[decision.field.rpartition(".")[2]]
        rule = RULES[decision.rule]
        assert (decision.source, decision.version) == (rule.source, rule.version)
        assert decision.judgement is None or decision.judgement in JUDGEMENTS
        assert decision.dpv
        assert decision.rule == PROMISE_RULE or laws != ("promise",)
        assert any(decision.rule.startswith(law.upper()) for law in laws) or rule.is_policy
        if decision.type in (T.ACCESS, T.PORTABILITY) and decision.action is A.GIVE:
            assert field.disclosed
            assert field.about == "subject"
        if decision.type == T.PORTABILITY:
            assert (decision.action is A.GIVE) is field.portable
        if field.basis is Basis.LEGAL_OBLIGATION or field.retention == "tax":
            assert decision.action not in (A.DELETE, A.ANONYMISE)
            if decision.type == T.OBJECTION:
                assert decision.rule in ("GDPR-6-1-c", "GDPR-21-3", PROMISE_RULE)
                assert decision.judgement is None
        if decision.type == T.ERASURE:
            assert decision.action in (A.DELETE, A.ANONYMISE, A.KEEP)


@given(FIELDS, st.sampled_from(RIGHTS))
def test_both_laws_give_no_less_than_either(about: dict[str, Any], kind: T) -> None:
    rank = {
        laws: GENEROSITY.index(decide_fields((kind,), a_map(**about), laws)[0].action)
        for laws in (("gdpr",), ("appi",), ("gdpr", "appi"))
    }
    of_the_laws_that_know_it = [
        rank[(law,)] for law in ("gdpr", "appi") if decide(kind, law, **about).rule != PROMISE_RULE
    ]
    assert rank["gdpr", "appi"] == min(of_the_laws_that_know_it)


def test_the_shipped_map_is_decided_for_every_right_and_law() -> None:
    data_map = datamap()
    fields = sum(len(collection.fields) for collection in data_map.collections)
    for laws in LAWS:
        assert len(decide_fields(T, data_map, laws)) == fields * len(RIGHTS)
    erased = {each.field: each for each in decide_fields((T.ERASURE,), data_map, ("gdpr", "appi"))}
    assert erased["shop/members.name"].action is A.DELETE
    assert erased["orders/orders.total"].rule == "GDPR-17-3-b"
    for proof in ("topic", "status", "wording_version", "given_at", "withdrawn_at"):
        assert erased[f"shop/newsletter_consents.{proof}"].rule == "GDPR-17-3-b"
    # No law on tax wants to know how likely somebody is to cheat: it goes, unless a person finds it still needed.
    score = erased["shop/members.fraud_score"]
    assert short(score) == (A.DELETE, "GDPR-17-1-c", "GDPR-21-1")
    assert erased["shop/members.member_id"].action is A.DELETE  # nothing of the account is kept by a law


@pytest.mark.parametrize(
    ("laws", "rule"),
    [(["gdpr", "appi"], "GDPR-12-6"), (["appi"], "APPI-37"), (["promise"], PROMISE_RULE), (["gdpr"], "GDPR-12-6")],
)
def test_facts_are_asked_of_the_person_under_the_law_that_holds(laws: list[str], rule: str) -> None:
    assert identity_rule(laws) == rule


def test_what_staff_decided_outlives_a_new_plan() -> None:
    first, second = decide_fields((T.ACCESS,), a_map(further={"b": maps.field()}), ("gdpr",))
    held_back = withheld_by_staff(first, "GDPR-15-4", actor="staff:sub-1")
    assert (held_back.action, held_back.rule, held_back.by) == (A.WITHHOLD, "GDPR-15-4", "staff:sub-1")
    assert "justifications:ThirdPartyRightsImpaired" in held_back.dpv
    assert decided_again((first, second), (held_back, second)) == (held_back, second)


@pytest.mark.parametrize("kind", [T.ACCESS, T.PORTABILITY])
@pytest.mark.parametrize("laws", LAWS)
def test_what_staff_give_back_is_as_policy_decided(kind: T, laws: tuple[str, ...]) -> None:
    decision = decide_fields((kind,), a_map(), laws)[0]
    assert decision.action is A.GIVE
    held_back = withheld_by_staff(decision, PROMISE_RULE, actor="staff:sub-1")
    assert given_again(held_back, laws) == decision


def test_the_record_counts_names_the_texts_and_seals_the_decisions() -> None:
    decisions = decide_fields((T.ACCESS,), a_map(further={"b": maps.field(about="other_person")}), ("gdpr",))
    record = recorded(decisions)
    assert (record["give"], record["withhold"], record["delete"], record["to_judge"]) == (1, 1, 0, 1)
    assert record["rules"] == ["GDPR-15", "GDPR-15-4"]
    assert record["rule_versions"] == [RULES["GDPR-15"].version] * 2
    changed = (decisions[0], decisions[1].model_copy(update={"by": "staff:sub-1"}))
    assert recorded(decisions) == record
    assert recorded(changed)["decisions_sha256"] != record["decisions_sha256"]
