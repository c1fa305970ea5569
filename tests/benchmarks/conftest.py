"""`make bench`: every module adds its section to one report; when all have run, docs/performance.md is written."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.benchmarks import report
from tests.benchmarks.measuring import ROOT
from tests.benchmarks.report import Section
from tests.support.shipped import Shipped, ship

_MODULES = set(Path(__file__).parent.glob("test_*.py"))
_SECTIONS = pytest.StashKey[list[Section]]()


@pytest.fixture(scope="session")
def sections(request: pytest.FixtureRequest) -> list[Section]:
    """Where sections go. A partial or a failed run prints them, and leaves docs/performance.md as it is."""
    return request.config.stash.setdefault(_SECTIONS, [])


@pytest.fixture(scope="session")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> Shipped:
    """The package as it ships, with bytecode."""
    return ship(tmp_path_factory.mktemp("build"))


def pytest_sessionfinish(session: pytest.Session) -> None:
    found = session.config.stash.get(_SECTIONS, [])
    if found and not session.testsfailed and {item.path for item in session.items} >= _MODULES:
        report.write(ROOT / "docs/performance.md", found, today=datetime.now(UTC).date())


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    if found := config.stash.get(_SECTIONS, []):
        terminalreporter.write_line(report.as_text(found))
