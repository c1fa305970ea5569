"""Which requests are one person's, and which is the first one over again (abuse cases 24, 78)."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from rightsdesk.domain.identity import Assurance
from rightsdesk.domain.lifecycle import Status
from rightsdesk.domain.request import Aim, PrivacyRequest, RequestType
from rightsdesk.domain.same_person import asked_before, is_same, person_keys
from tests.support.cases import RECEIVED, new_case

KEY = b"k" * 32
CASES = st.builds(
    lambda number, status, assurance, hours, kind, aim, mailbox, details: new_case(
        request_id=f"{number:032x}",
        status=status,
        assurance=assurance,
        received_at=RECEIVED + timedelta(hours=hours),
        types=(kind,),
        aim=aim,
        subject_key=mailbox * 64,
        details=details,
    )[0],
    st.integers(0, 2**64),
    st.sampled_from(Status),
    st.sampled_from(Assurance),
    st.integers(0, 3),
    st.sampled_from([RequestType.ACCESS, RequestType.OBJECTION]),
    st.sampled_from([None, Aim(), Aim(objects_to="marketing")]),
    st.sampled_from("01"),
    st.sampled_from([None, "All of it", "all  of IT"]),
)


@given(CASES, st.lists(CASES, max_size=6))
def test_what_nobody_verified_is_never_merged_and_nothing_is_merged_into_it(
    case: PrivacyRequest, others: list[PrivacyRequest]
) -> None:
    first = asked_before(case, others)
    if first is not None:
        assert case.assurance >= Assurance.MAILBOX
        assert first.assurance >= Assurance.MAILBOX
        assert first.is_open
        assert first.subject_key == case.subject_key
        assert is_same(first, case)


@given(CASES, CASES)
def test_no_two_are_merged_into_each_other(one: PrivacyRequest, other: PrivacyRequest) -> None:
    assert asked_before(one, [other]) is None or asked_before(other, [one]) is None


@given(CASES, st.lists(CASES, max_size=6))
def test_of_several_it_is_the_oldest(case: PrivacyRequest, others: list[PrivacyRequest]) -> None:
    first = asked_before(case, others)
    alone = [other for other in others if asked_before(case, [other])]
    assert (first is None) is (not alone)
    assert first is None or first.received_at == min(other.received_at for other in alone)


def test_keys_are_of_the_kind_and_the_value_and_the_mailbox_comes_first() -> None:
    keys = person_keys(KEY, {"member_id": ("M-1",), "email": ("jane@example.net",)})
    assert keys[0] == person_keys(KEY, {"email": ("jane@example.net",)})[0]
    assert len(set(keys)) == 2
    assert person_keys(KEY, {"member_id": ("x",)}) != person_keys(KEY, {"order_id": ("x",)})
    assert person_keys(KEY, {"email": ("Jane@Example.net",)}) == keys[:1]


def test_a_person_with_very_many_numbers_is_found_by_some_of_them() -> None:
    assert len(person_keys(KEY, {"order_id": tuple(map(str, range(1000)))})) == 20
