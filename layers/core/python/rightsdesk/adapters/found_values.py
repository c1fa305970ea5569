"""Identifiers found in a search, each once: in memory while they are few, on the scratch disk when they are many.

SQLite's private database (one without a name) does both: its file is deleted as it is opened and ends with the process.
"""

import sqlite3
from collections.abc import Iterator
from types import TracebackType
from typing import Self

_PAGE = 1000


class SpooledValues:
    """Keeps `domain.traversal.FoundValues`. A context manager: at its end all is forgotten."""

    def __init__(self) -> None:
        self._database = sqlite3.connect("", isolation_level=None, cached_statements=64)
        self._database.execute("PRAGMA journal_mode = OFF")  # nothing to come back to
        self._database.execute("PRAGMA synchronous = OFF")
        self._database.execute("BEGIN")
        self._tables: dict[str, str] = {}
        self._counts: dict[str, int] = {}
        self._last: dict[str, str] = {}  # a person's records name the person again and again

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._database.close()

    def add(self, kind: str, value: str) -> bool:
        """Note a value; False where it was known."""
        if self._last.get(kind) == value:
            return False
        self._last[kind] = value
        table = self._tables.get(kind)
        if table is None:
            table = self._tables[kind] = f"kind_{len(self._tables)}"
            self._counts[kind] = 0
            self._database.execute(f"CREATE TABLE {table} (position INTEGER PRIMARY KEY, value TEXT UNIQUE)")
        row = (self._counts[kind], value)
        added = self._database.execute(f"INSERT OR IGNORE INTO {table} VALUES (?, ?)", row).rowcount == 1  # noqa: S608
        self._counts[kind] += added
        return added

    def count(self, kind: str) -> int:
        return self._counts.get(kind, 0)

    def values(self, kind: str, start: int, end: int) -> Iterator[str]:
        """Those at positions `start` to `end` (not included), in the order added."""
        while start < min(end, self.count(kind)):
            stop = min(start + _PAGE, end)
            query = f"SELECT value FROM {self._tables[kind]} WHERE position >= ? AND position < ? ORDER BY position"  # noqa: S608
            page = self._database.execute(query, (start, stop)).fetchall()
            yield from (value for (value,) in page)
            start = stop
