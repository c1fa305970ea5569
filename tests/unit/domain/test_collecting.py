"""How collecting stands (abuse cases 12, 81)."""

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from rightsdesk.domain.collecting import CollectionResult, SourceState, held_rows, missing_sources

AT = datetime(2026, 9, 3, 1, 30, tzinfo=UTC)
statuses = st.sampled_from(["collecting", "done", "failed"])


def result(flagged: int) -> CollectionResult:
    return CollectionResult(rows=5, flagged=flagged, bytes=1, sha256="", as_of=AT)


@given(st.dictionaries(st.sampled_from("abcdef"), statuses), st.lists(st.sampled_from("abcdef"), unique=True))
def test_a81_a_source_is_missing_unless_it_is_done(found: dict[str, str], planned: list[str]) -> None:
    states = {name: SourceState.model_validate({"source": name, "status": s, "at": AT}) for name, s in found.items()}
    missing = missing_sources(planned, states)
    assert missing == [name for name in planned if found.get(name) != "done"]


def test_a12_rows_about_others_are_counted_by_collection() -> None:
    states = [
        SourceState(source="shop", status="done", at=AT, collections={"orders": result(2), "members": result(0)}),
        SourceState(source="files", status="done", at=AT, collections={"letters": result(1)}),
    ]
    assert held_rows(states) == {"shop/orders": 2, "files/letters": 1}
