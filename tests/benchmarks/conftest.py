"""`make bench`: every module adds its section to one report; when all have run, docs/performance.md is written."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.benchmarks import report
from tests.benchmarks.measuring import ROOT
from tests.benchmarks.report import Section
from tests.support.shipped import Shipped, ship

MODULES = set(Path(__file__).parent.glob("test_*.py"))


@pytest.fixture(scope="session")
def sections(request: pytest.FixtureRequest) -> Iterator[list[Section]]:
    """Where sections go. A partial or a failed run prints, and leaves docs/performance.md as it is."""
    found: list[Section] = []
    yield found
    print(report.as_text(found))
    if request.session.testsfailed == 0 and {item.path for item in request.session.items} >= MODULES:
        path = ROOT / "docs/performance.md"
        report.write(path, found, today=datetime.now(UTC).date())
        print(f"\nwritten: {path.relative_to(ROOT)}")


@pytest.fixture(scope="session")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> Shipped:
    """The package as it ships, with bytecode."""
    return ship(tmp_path_factory.mktemp("build"))
