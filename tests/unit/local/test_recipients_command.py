"""`rightsdesk recipients`: the register as it is shipped, and what becomes overdue with time."""

# serves: C-1, P-10

import json
from pathlib import Path
from shutil import copytree

import pytest

from local.commands.recipients import run

SHIPPED = Path(__file__).parents[3] / "layers" / "merchant"


def test_nothing_is_overdue_when_it_is_shipped(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--on", "2026-11-29"]) == 0
    said = capsys.readouterr().out
    assert "carrier: Tsubame Express Co., Ltd. (deliveries)" in said
    assert "told by mail" in said
    assert "!" not in said


def test_a_year_later_every_review_is_overdue_and_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--on", "2027-11-29", "--json"]) == 1
    document = json.loads(capsys.readouterr().out)
    assert document["on"] == "2027-11-29"
    overdue = {entry["name"]: entry["overdue"] for entry in document["recipients"]}
    assert overdue["carrier"] == ["review overdue since 2027-09-08"]
    assert all(overdue.values())
    gets = {entry["name"]: entry["gets"] for entry in document["recipients"]}
    assert "orders/orders.ship_address" in gets["carrier"]


def test_a_register_that_is_wrong_is_refused_with_its_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "merchant"
    copytree(SHIPPED, folder)
    file = folder / "recipients.yaml"
    file.write_text(file.read_text("utf-8").replace("role: fraud_prevention", "role: friend"), "utf-8")
    assert run([str(folder)]) == 1
    assert capsys.readouterr().err.startswith("recipients.yaml:")


def test_help_has_an_example(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        run(["--help"])
    said = capsys.readouterr().out
    assert "example:" in said
    assert "exit status:" in said
