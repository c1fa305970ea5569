"""What has to be decided before an answer may leave (abuse cases 12, 79, 90)."""

import pytest

from rightsdesk.domain.errors import (
    ConflictError,
    InvalidInputError,
    NotAwaitingReviewError,
    NothingProposedError,
    VersionMovedOnError,
)
from rightsdesk.domain.lifecycle import Status
from rightsdesk.domain.request import PrivacyRequest, Refusal, RequestType, Treatment
from rightsdesk.domain.review import (
    allowed_grounds,
    outcome_of_review,
    require_bound,
    require_decided,
    require_grounded,
    require_proposed,
    require_releasable,
    require_reviewable,
    subject_binding,
)
from tests.support.desk import Desk

REFUSAL = Refusal(ground="gdpr_15_4", reason="The same every day.", by="a")
PROPOSED = Refusal(ground="gdpr_12_5", reason="The same every day.", evidence="the log", by="a", needs_second=True)
WITHHOLD, REDACT, GIVE = Treatment.WITHHOLD, Treatment.REDACT, Treatment.GIVE


@pytest.fixture(scope="module")
def case() -> PrivacyRequest:
    return Desk().awaiting_review()


def released(case: PrivacyRequest, **changes: object) -> PrivacyRequest:
    return case.model_copy(update={"status": Status.EXECUTING, "treatments": {"shop/orders": WITHHOLD}} | changes)


def test_a79_only_what_was_looked_at_can_be_decided(case: PrivacyRequest) -> None:
    require_reviewable(case, case.version)
    for version in (case.version - 1, case.version + 1, 0):
        with pytest.raises(VersionMovedOnError):
            require_reviewable(case, version)
    for status in set(Status) - {Status.AWAITING_REVIEW}:
        with pytest.raises(NotAwaitingReviewError):
            require_reviewable(case.model_copy(update={"status": status}), case.version)


@pytest.mark.parametrize(
    ("held", "treatments", "problems"),
    [
        ({}, {}, []),
        ({"a": 1}, {"a": GIVE}, []),
        ({"a": 1, "b": 2}, {"a": GIVE, "b": WITHHOLD}, []),
        ({"a": 1}, {}, ["held.a missing"]),
        ({}, {"a": GIVE}, ["held.a not_held"]),
        ({"a": 1, "b": 1}, {"b": GIVE, "c": GIVE}, ["held.a missing", "held.c not_held"]),
    ],
)
def test_a12_each_collection_with_rows_on_others_needs_a_decision_and_no_other_has_one(
    held: dict[str, int], treatments: dict[str, Treatment], problems: list[str]
) -> None:
    if not problems:
        require_decided(held, treatments)
        return
    with pytest.raises(InvalidInputError) as refused:
        require_decided(held, treatments)
    assert [f"{problem.field} {problem.reason}" for problem in refused.value.problems] == problems


def test_the_grounds_of_a_case_are_those_of_its_laws_for_what_was_asked(case: PrivacyRequest) -> None:
    assert case.due.laws == ("gdpr", "appi")
    assert set(allowed_grounds(case)) == {
        *("gdpr_11_2", "gdpr_12_5", "gdpr_15_4", "gdpr_20_1", "gdpr_20_4", "not_the_subject"),
    }
    in_japan = case.model_copy(
        update={"due": case.due.model_copy(update={"laws": ("appi",)}), "types": (RequestType.RECTIFICATION,)}
    )
    assert allowed_grounds(in_japan) == ("appi_34", "not_the_subject")


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({}, None),
        ({"evidence": "logs " * 400}, None),
        ({"ground": "gdpr_12_5", "evidence": "the log of Monday"}, None),
        ({"ground": "gdpr_17_3_b"}, "ground: unknown_for_this_law"),
        ({"ground": ""}, "ground: unknown_for_this_law"),
        ({"reason": ""}, "reason: missing"),
        ({"reason": "no"}, "reason: too_short"),
        ({"reason": "x" * 2001}, "reason: too_long"),
        ({"ground": "gdpr_12_5"}, "evidence: missing"),
        ({"ground": "gdpr_12_5", "evidence": "-"}, "evidence: too_short"),
        ({"evidence": "x" * 2001}, "evidence: too_long"),
    ],
)
def test_a82_a_refusal_needs_a_ground_reasons_and_where_the_law_wants_it_evidence(
    case: PrivacyRequest, changes: dict[str, str], problem: str | None
) -> None:
    refusal = REFUSAL.model_copy(update=changes)
    if problem is None:
        require_grounded(case, refusal)
        return
    with pytest.raises(InvalidInputError) as refused:
        require_grounded(case, refusal)
    assert str(refused.value) == problem


def test_a79_only_what_was_proposed_and_is_not_decided_can_be_confirmed(case: PrivacyRequest) -> None:
    assert require_proposed(case.model_copy(update={"refusal": PROPOSED})) == PROPOSED
    for refusal in (None, REFUSAL, PROPOSED.model_copy(update={"second_by": "b"})):
        with pytest.raises(NothingProposedError):
            require_proposed(case.model_copy(update={"refusal": refusal}))


def test_a_proposal_refuses_nothing(case: PrivacyRequest) -> None:
    proposed = case.model_copy(update={"refusal": PROPOSED})
    assert outcome_of_review(proposed) == {"decision": "release", "rebuild": False}
    confirmed = case.model_copy(update={"refusal": PROPOSED.model_copy(update={"second_by": "b"})})
    assert outcome_of_review(confirmed) == {"decision": "refuse", "rebuild": False}


@pytest.mark.parametrize(
    ("treatments", "rebuild"),
    [({}, False), ({"a": WITHHOLD}, False), ({"a": REDACT}, True), ({"a": WITHHOLD, "b": GIVE}, True)],
)
def test_the_package_is_made_again_where_more_is_given(
    case: PrivacyRequest, treatments: dict[str, Treatment], rebuild: bool
) -> None:
    decided = case.model_copy(update={"treatments": treatments})
    assert outcome_of_review(decided) == {"decision": "release", "rebuild": rebuild}
    refused = decided.model_copy(update={"refusal": REFUSAL})
    assert outcome_of_review(refused) == {"decision": "refuse", "rebuild": False}


def test_a90_a_package_is_bound_to_the_person_verified(case: PrivacyRequest) -> None:
    assert case.export is not None
    assert case.export.subject == subject_binding(case)
    assert require_bound(case) == case.export
    for changes in (
        {"identifiers": case.identifiers | {"member_id": ("M-000009",)}},
        {"identifiers": {"email": ("eve@example.net",)}},
        {"subject_key": "0" * 64},
        {"export": case.export.model_copy(update={"subject": "0" * 64})},
        {"export": None},
    ):
        with pytest.raises(ConflictError):
            require_bound(case.model_copy(update=changes))


def test_a90_the_binding_names_nobody(case: PrivacyRequest) -> None:
    assert len(subject_binding(case)) == 64
    assert "jane" not in subject_binding(case)


def test_nothing_leaves_but_what_staff_released(case: PrivacyRequest) -> None:
    assert case.export is not None
    assert require_releasable(released(case)) == case.export
    for wrong in (
        case,
        released(case, status=Status.COLLECTING),
        released(case, refusal=REFUSAL),
        released(case, refusal=PROPOSED),
        released(case, treatments={"shop/orders": GIVE}),  # and the package is not made again yet
        released(case, subject_key="0" * 64),
    ):
        with pytest.raises(ConflictError):
            require_releasable(wrong)
    final = case.export.model_copy(update={"final": True})
    assert require_releasable(released(case, treatments={"shop/orders": GIVE}, export=final)) == final
