import tracemalloc

from hypothesis import given, settings
from hypothesis import strategies as st

from rightsdesk.adapters.found_values import SpooledValues


@given(st.lists(st.tuples(st.sampled_from(["email", "member_id", "shop/orders"]), st.text(max_size=3))))
@settings(deadline=None)  # the machine may be busy
def test_values_are_kept_once_and_in_the_order_found(added: list[tuple[str, str]]) -> None:
    expected: dict[str, list[str]] = {}
    with SpooledValues() as found:
        for kind, value in added:
            assert found.add(kind, value) == (value not in expected.get(kind, []))
            if value not in expected.setdefault(kind, []):
                expected[kind].append(value)
        for kind, values in expected.items():
            assert found.count(kind) == len(values)
            assert list(found.values(kind, 0, len(values))) == values
            assert list(found.values(kind, 1, len(values))) == values[1:]
    assert SpooledValues().count("email") == 0


def test_values_may_be_added_while_others_are_read() -> None:
    with SpooledValues() as found:
        for number in range(2500):
            found.add("order_id", str(number))
        read = []
        for value in found.values("order_id", 0, 2500):
            read.append(value)
            found.add("order_id", f"{value}+")
        assert read == [str(number) for number in range(2500)]
        assert found.count("order_id") == 5000


def test_a45_many_values_stay_out_of_memory() -> None:
    tracemalloc.start()
    with SpooledValues() as found:
        for number in range(200_000):
            found.add("order_id", f"K-{number:032d}")
        _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 1_000_000
