"""`rightsdesk audit verify`: what it says of whole, open and broken chains (abuse case 95)."""

import json
from pathlib import Path

import pytest

from local.commands import audit
from rightsdesk.domain.audit import AuditEvent
from tests.support.desk import Desk


@pytest.fixture
def closed() -> list[AuditEvent]:
    desk = Desk()
    case = desk.answered()
    desk.close(case)
    return desk.table.events[case.request_id]


def verify(folder: Path, events: list[AuditEvent], *options: str) -> int:
    for event in events:
        (folder / f"{event.sequence:04}.json").write_text(event.model_dump_json(), "utf-8")
    return audit.run(["verify", str(folder), *options])


def test_a_closed_chain_is_intact_and_named(
    tmp_path: Path, closed: list[AuditEvent], capsys: pytest.CaptureFixture[str]
) -> None:
    assert verify(tmp_path, closed) == 0
    reference = closed[0].details["reference"]
    said = capsys.readouterr().out
    assert said == f"{reference}  {closed[0].request_id}  {len(closed)} events  intact\n"
    assert str(reference).startswith("RD-")


def test_a95_without_its_end_a_chain_is_intact_as_far_as_it_goes(
    tmp_path: Path, closed: list[AuditEvent], capsys: pytest.CaptureFixture[str]
) -> None:
    end = next(position for position, event in enumerate(closed) if event.type == "closed")
    assert verify(tmp_path, closed[:end]) == 0
    assert capsys.readouterr().out.endswith("  intact as far as it goes: no closing event\n")
    assert verify(tmp_path, closed[:end], "--json") == 0
    (result,) = json.loads(capsys.readouterr().out)
    assert (result["intact"], result["closed"]) == (True, False)
    assert verify(tmp_path, closed, "--json") == 0
    (result,) = json.loads(capsys.readouterr().out)
    assert (result["intact"], result["closed"], result["reference"]) == (True, True, closed[0].details["reference"])


def test_a95_a_broken_chain_is_broken_and_older_ones_have_no_reference(
    tmp_path: Path, closed: list[AuditEvent], capsys: pytest.CaptureFixture[str]
) -> None:
    first = closed[0].model_copy(update={"details": {}})
    assert verify(tmp_path, [first, *closed[1:]]) == 1
    assert capsys.readouterr().out.startswith(f"{first.request_id}  {len(closed)} events  BROKEN at event 1: ")
