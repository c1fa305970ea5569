"""Puts order lines to their orders while both stream past.

Sources give lines in the order of the orders they belong to, so a line is nearly always close to its order. The few
that are not wait, up to a bound; what finds no order in time is given as a further piece of that order.
"""

# serves: E-07

from collections.abc import Iterator
from typing import Any

_MOST_WAITING = 5_000

Keyed = tuple[str, dict[str, Any]]


def join_lines(
    orders: Iterator[Keyed], lines: Iterator[Keyed], *, most_waiting: int = _MOST_WAITING
) -> Iterator[tuple[str, dict[str, Any] | None, list[dict[str, Any]]]]:
    """Yields (key, order, its lines). Every order and every line comes out once; a piece without an order has None."""
    waiting: dict[str, list[dict[str, Any]]] = {}
    held = 0
    ahead = next(lines, None)
    for key, order in orders:
        while ahead is not None and held < most_waiting and (key not in waiting or ahead[0] == key):
            waiting.setdefault(ahead[0], []).append(ahead[1])
            held += 1
            ahead = next(lines, None)
        own = waiting.pop(key, [])
        held -= len(own)
        yield key, order, own
    for key, group in waiting.items():
        yield key, None, group
    while ahead is not None:
        key, group = ahead[0], []
        while ahead is not None and ahead[0] == key and len(group) < most_waiting:
            group.append(ahead[1])
            ahead = next(lines, None)
        yield key, None, group
