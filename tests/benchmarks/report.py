"""The table of a run: ratios of what we do to a floor measured in the same run, and docs/performance.md."""

import os
import platform
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path


@dataclass(frozen=True)
class Row:
    """One measure. `goal` is the ratio that is aimed at: at most, or for a throughput (`more`) at least."""

    what: str
    ours: str
    floor: str
    ratio: float | None = None
    goal: float | None = None
    more: bool = False

    @property
    def verdict(self) -> str:
        if self.ratio is None or self.goal is None:
            return ""
        kept = self.ratio >= self.goal if self.more else self.ratio <= self.goal
        return "kept" if kept else "**missed**"

    @property
    def cells(self) -> tuple[str, ...]:
        sign = "≥" if self.more else "≤"
        return (
            self.what,
            self.ours,
            self.floor,
            "" if self.ratio is None else f"{self.ratio:.2f}",
            "" if self.goal is None else f"{sign} {self.goal:g}",
            self.verdict,
        )


@dataclass
class Section:
    """Measures of one kind. `text` says what the floor is and how it was measured."""

    title: str
    text: str
    rows: list[Row] = field(default_factory=list)


_HEAD = ("what", "ours", "floor", "ratio", "goal", "")


def as_markdown(sections: Iterable[Section], *, today: date) -> str:
    lines = [
        "# Performance",
        "",
        f"Written by `make bench` on {today.isoformat()}; {_machine()}, and the machine was not idle. Seconds are",
        "time of the processor, not of the clock, and the least of several runs: **ratios** hold elsewhere, seconds do",
        "not. AWS is not measured: its calls are answered inside the process, and that time is left out on both sides.",
        "What does not jitter (calls, modules, memory, bytecode) is asserted by `make test`, too.",
    ]
    for section in sections:
        lines += ["", f"## {section.title}", "", section.text.strip(), "", _line(_HEAD), _line("---" for _ in _HEAD)]
        lines += [_line(row.cells) for row in section.rows]
    return "\n".join(lines) + "\n"


def as_text(sections: Iterable[Section]) -> str:
    """For a terminal: the same table in columns."""
    lines: list[str] = []
    for section in sections:
        table = [_HEAD, *(row.cells for row in section.rows)]
        widths = [max(len(cells[column]) for cells in table) for column in range(len(_HEAD))]
        lines += ["", section.title]
        lines += [
            "  " + "  ".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True)) for cells in table
        ]
    return "\n".join(lines)


def write(path: Path, sections: Iterable[Section], *, today: date) -> None:
    path.write_text(as_markdown(sections, today=today), encoding="utf-8")


def milliseconds(seconds: float) -> str:
    return f"{seconds * 1000:.0f} ms" if seconds >= 0.01 else f"{seconds * 1000:.2f} ms"


def _line(cells: Iterable[str]) -> str:
    return "| " + " | ".join(cells) + " |"


def _machine() -> str:
    return f"{os.cpu_count()} cores, {platform.python_implementation()} {platform.python_version()}"
