"""`rightsdesk evidence verify`, as somebody types it; and what of `rightsdesk evidence` needs no stack."""

import json
from pathlib import Path

import pytest

from local import cli
from tests.support.desk import Desk
from tests.support.evidence import FakeSigner, evidence_of

SIGNER = FakeSigner()


@pytest.fixture
def bundle(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    desk = Desk()
    case = desk.answered()
    desk.close(case)
    (tmp_path / "public.pem").write_text(SIGNER.public_key(), "utf-8")
    (tmp_path / "other.pem").write_text(FakeSigner().public_key(), "utf-8")
    path = tmp_path / "bundle.zip"
    path.write_bytes(evidence_of(desk, case, SIGNER))
    return path


def test_sound_evidence_is_exit_status_0(bundle: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["evidence", "verify", str(bundle), "--key", "public.pem"]) == 0
    said = capsys.readouterr().out
    assert said.splitlines()[0].endswith(" events  sound")
    assert "Only the key in the bundle" not in said
    assert cli.main(["evidence", "verify", str(bundle), "--json", "--key", "public.pem"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["ok"], told["own_key"], told["problems"]) == (True, False, [])


def test_without_a_key_it_says_what_that_does_not_show(bundle: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["evidence", "verify", str(bundle)]) == 0
    assert "not who signed it" in capsys.readouterr().out
    assert cli.main(["evidence", "verify", str(bundle), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["own_key"] is True


def test_evidence_that_is_not_sound_is_exit_status_1(bundle: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["evidence", "verify", str(bundle), "--key", "other.pem"]) == 1
    said = capsys.readouterr().out
    assert "signature_wrong   manifest.sig: is not over this manifest by the key that was given" in said
    assert "NOT SOUND: 1 problem(s)" in said
    bundle.write_bytes(b"PK")
    assert cli.main(["evidence", "verify", str(bundle)]) == 1
    assert "not_a_bundle" in capsys.readouterr().out


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["RD-28T5-CY4G-N"],
        ["no reference"],
        ["verify"],
        ["verify", "no-such-file.zip"],
        ["verify", "bundle.zip", "--key", "no-such-key.pem"],
        ["verify", "bundle.zip", "--key", "bundle.zip"],
    ],
)
def test_wrong_usage_is_exit_status_2(arguments: list[str], bundle: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["evidence", *arguments]) == 2
    assert capsys.readouterr().err


def test_without_a_stack_it_is_exit_status_3(bundle: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["evidence", "RD-28T5-CY4G-M"]) == 3
    assert "rightsdesk up" in capsys.readouterr().err
