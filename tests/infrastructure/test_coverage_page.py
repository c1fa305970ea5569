"""docs/coverage.md says what is kept, clause by clause: what it names is there, what the code claims stands in it."""

import re
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "coverage.md"
CORE = "layers/core/python/rightsdesk/"
STATES = {"kept", "in part", "not yet"}


class Row(NamedTuple):
    clause: str
    promise: str
    state: str
    code: tuple[str, ...]
    tests: tuple[str, ...]


def rows() -> list[Row]:
    found = []
    for line in PAGE.read_text("utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if len(cells) == 5 and re.fullmatch(r"[A-Z]-?\d+", cells[0]):
            clause, promise, state, code, tests = cells
            found.append(Row(clause, promise, state, tuple(_paths(code)), tuple(_paths(tests))))
    return found


def _paths(cell: str) -> list[str]:
    return re.findall(r"`([^`]+)`", cell)


def claims() -> dict[str, set[str]]:
    """Clause -> the modules that say they serve it."""
    found: dict[str, set[str]] = {}
    for folder in (CORE, "functions", "local"):
        for file in (ROOT / folder).rglob("*.py"):
            for line in re.findall(r"# serves: (.+)$", file.read_text("utf-8"), re.MULTILINE):
                for clause in re.findall(r"\b[A-Z]-?\d+\b", re.sub(r"\(.*?\)", "", line)):
                    found.setdefault(clause, set()).add(file.relative_to(ROOT).as_posix())
    return found


def test_every_clause_stands_once_with_a_known_state() -> None:
    clauses = [row.clause for row in rows()]
    assert len(clauses) == len(set(clauses))
    assert {row.state for row in rows()} <= STATES
    # The clauses of the merchant's policy: B 7, P 12 and C 1, T 4, E 16, A 3, I 3 and N 1.
    assert len(clauses) == 47


@pytest.mark.parametrize("row", [row for row in rows() if row.state != "not yet"], ids=lambda row: row.clause)
def test_what_is_kept_names_code_that_says_so_and_tests_that_exist(row: Row) -> None:
    assert row.code, "names no code"
    assert row.tests, "names no test"
    for path in row.code:
        file = ROOT / CORE / path if (ROOT / CORE / path).exists() else ROOT / path
        assert file.exists(), path
        if file.suffix == ".py":
            assert file.relative_to(ROOT).as_posix() in claims().get(row.clause, set()), f"{path} has no `# serves:`"
    for test in row.tests:
        path, _, name = test.partition("::")
        text = (ROOT / "tests" / path).read_text("utf-8")
        assert f"def {name}(" in text if name else "def test_" in text, test


@pytest.mark.parametrize("row", [row for row in rows() if row.state == "not yet"], ids=lambda row: row.clause)
def test_what_is_not_kept_claims_nothing(row: Row) -> None:
    assert not row.code
    assert not row.tests


def test_no_module_serves_a_clause_that_the_page_does_not_count() -> None:
    counted = {row.clause for row in rows() if row.state != "not yet"}
    assert set(claims()) <= counted, sorted(set(claims()) - counted)
