"""The parts that a letter names: whole where all of it shares one fate, else by field; no name in two lists."""

from collections.abc import Mapping

from hypothesis import given
from hypothesis import strategies as st

from rightsdesk.adapters.merchant_files import read_data_map
from rightsdesk.domain.decision_summary import DecisionSummary, summarise
from rightsdesk.domain.decisions import FieldAction, FieldDecision
from rightsdesk.domain.request import RequestType
from rightsdesk.law.decisions import decide_fields
from tests.support.desk import MERCHANT
from tests.support.weighing import SCORE, weighing_map

SHIPPED = read_data_map(MERCHANT / "datamap.yaml")
PLANNED = decide_fields((RequestType.ERASURE,), SHIPPED, ("gdpr",))


def decisions(**changes: FieldAction) -> list[FieldDecision]:
    decided = decide_fields((RequestType.ERASURE,), weighing_map(), ("gdpr",))
    return [
        each.model_copy(update={"action": changes.get(each.field.rpartition(".")[2], each.action)}) for each in decided
    ]


def names(summary: DecisionSummary, language: str = "en") -> list[str]:
    labels = (
        *summary.deleted,
        *summary.anonymised,
        *(part.what for part in summary.refused),
    )
    return [label.of(language) for label in labels]


def test_a_part_with_one_fate_is_named_by_its_category_and_one_with_two_by_its_fields() -> None:
    summary = summarise(decisions(), weighing_map(), {})
    assert [label.en for label in summary.deleted] == [
        "Account (your account)",
        "Account (what we concluded about you)",
        "Account (how you used our site)",
        "Orders (your account)",
        "Orders: Basket",
    ]


def test_fields_of_one_fate_stand_on_one_line() -> None:
    summary = summarise(decisions(score=FieldAction.ANONYMISE, member_id=FieldAction.ANONYMISE), weighing_map(), {})
    assert [label.en for label in summary.anonymised] == ["Account: Label, Fraud score"]
    assert "Account: Label, Notes" in [label.en for label in summary.deleted]


def test_what_staff_left_is_apart_from_what_a_law_keeps() -> None:
    summary = summarise(decisions(score=FieldAction.KEEP), weighing_map(), {SCORE: "gdpr_17_3_e"})
    assert [(part.what.en, part.ground) for part in summary.refused] == [("Account: Fraud score", "gdpr_17_3_e")]
    assert "Orders: Invoice" not in names(summary)


def test_a_field_that_the_map_no_longer_has_is_passed_over() -> None:
    gone = [each.model_copy(update={"field": "shop/gone.text"}) for each in decisions()]
    assert names(summarise(gone, weighing_map(), {})) == []


@given(
    st.dictionaries(
        st.sampled_from([each.field for each in PLANNED]),
        st.sampled_from([FieldAction.DELETE, FieldAction.ANONYMISE, FieldAction.KEEP]),
        max_size=30,
    )
)
def test_no_name_stands_in_two_lists_of_the_shipped_map(changed: Mapping[str, FieldAction]) -> None:
    summary = summarise(
        [each.model_copy(update={"action": changed.get(each.field, each.action)}) for each in PLANNED], SHIPPED, {}
    )
    for language in ("en", "ja"):
        assert len(names(summary, language)) == len(set(names(summary, language)))
