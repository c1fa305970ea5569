"""`rightsdesk export verify`, as somebody types it."""

import json
from pathlib import Path

import pytest

from local.cli import main
from tests.unit.export.package_of_a_shop import PACKAGE, build, save


@pytest.fixture
def package(tmp_path: Path) -> Path:
    summary, kept = build()
    return save(kept, summary, tmp_path)


def test_a_whole_package_is_exit_status_0(package: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["export", "verify", str(package)]) == 0
    assert "RD-7K3M-9QXD-W  38 files" in capsys.readouterr().out


def test_a_damaged_one_is_exit_status_1_and_says_where(package: Path, capsys: pytest.CaptureFixture[str]) -> None:
    package.write_bytes(package.read_bytes() + b"x")
    assert main(["export", "verify", str(package), "--json"]) == 1
    answer = json.loads(capsys.readouterr().out)
    assert answer["ok"] is False
    assert answer["problems"][0]["path"] == f"{PACKAGE}.zip"
    assert main(["export", "verify", str(package)]) == 1
    assert "NOT AS IT WAS" in capsys.readouterr().out


def test_the_hash_of_the_manifest_is_checked(package: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["export", "verify", str(package), "--manifest", "0" * 64]) == 1
    assert "manifest_not_as_announced" in capsys.readouterr().out


@pytest.mark.parametrize("arguments", [["verify"], [], ["verify", "no-such-file.zip"], ["unpack", "x.zip"]])
def test_wrong_usage_is_exit_status_2(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["export", *arguments]) == 2
    assert capsys.readouterr().err


def test_help_has_an_example(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["export", "--help"]) == 0
    assert "example:\n  rightsdesk export verify" in capsys.readouterr().out
