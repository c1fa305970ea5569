"""`rightsdesk evidence verify`, as somebody types it; and what of `rightsdesk evidence` needs no stack."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from local import cli
from rightsdesk.adapters.mime_message import message_bytes
from rightsdesk.domain.letters import Letter, OutgoingMail
from rightsdesk.domain.request import Language
from rightsdesk.mail.letters import MerchantLetters
from tests.support.correcting import CARRIER
from tests.support.desk import MERCHANT, Desk, merchant
from tests.support.evidence import evidence_of, files_in, packed, told_two_recipients
from tests.support.fake_signer import FakeSigner
from tests.support.fakes import PlainPress

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


UNSOUND: dict[str, bytes | None] = {"an altered file": None, "no bundle": b"PK", "nothing": b""}


@pytest.mark.parametrize("what", UNSOUND)
def test_of_what_is_not_sound_it_does_not_say_that_nothing_was_changed(
    what: str, bundle: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    content, folder = UNSOUND[what], f"{reference_of(bundle)}_evidence"
    altered = files_in(bundle.read_bytes()) | {"README.txt": b"another"}
    bundle.write_bytes(packed(altered, folder=folder) if content is None else content)
    assert cli.main(["evidence", "verify", str(bundle)]) == 1
    said = capsys.readouterr().out
    assert "NOT SOUND" in said
    assert "nothing was changed" not in said


def reference_of(bundle: Path) -> str:
    manifest: dict[str, str] = json.loads(files_in(bundle.read_bytes())["manifest.json"])
    return manifest["reference"]


# ---- letters


class ShippedWords(PlainPress):
    """The words that ship; only the code stands alone, as a desk of tests reads it."""

    def __init__(self) -> None:
        super().__init__()
        self._shipped = MerchantLetters(Path(MERCHANT), merchant())

    def print(self, letter: Letter, language: Language, values: Mapping[str, Any], *, to: str) -> OutgoingMail:
        if letter is Letter.VERIFICATION_CODE:
            return super().print(letter, language, values, to=to)
        return self._shipped.print(letter, language, values, to=to)


@pytest.fixture(params=["en", "ja"])
def letters(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[OutgoingMail]:
    """Those of a closed case as they went out, with its bundle and key beside them."""
    monkeypatch.chdir(tmp_path)
    desk = Desk(press=ShippedWords())
    case = desk.answered(language=request.param)
    desk.close(case)
    (tmp_path / "public.pem").write_text(SIGNER.public_key(), "utf-8")
    (tmp_path / "bundle.zip").write_bytes(evidence_of(desk, case, SIGNER))
    for mail in desk.mailer.outbox:
        (tmp_path / f"{mail.tags['letter']}.eml").write_bytes(as_sent(mail))
    return list(desk.mailer.outbox)


def as_sent(mail: OutgoingMail) -> bytes:
    return message_bytes(mail, sender="privacy@mail.shop.example", name="雲家具", mailbox="privacy@shop.example")


VERIFY = ["evidence", "verify", "bundle.zip", "--key", "public.pem"]


def test_b5_each_mail_is_told_as_the_letter_that_it_is(
    letters: list[OutgoingMail], capsys: pytest.CaptureFixture[str]
) -> None:
    names = [mail.tags["letter"] for mail in letters]
    given = [argument for name in names for argument in ("--letter", f"{name}.eml")]
    assert cli.main([*VERIFY, *given, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["ok"]
    assert [(each["path"], each["letter"], each["version"], each["code"]) for each in told["letters"]] == [
        (f"{name}.eml", name, 1, None) for name in names
    ]
    assert {each["to"] for each in told["letters"]} == {"person", "staff"}
    assert all(each["sent_at"] for each in told["letters"])
    assert cli.main([*VERIFY, "--letter", "closed.eml"]) == 0
    assert "closed.eml: subject and text are those of closed, version 1, to person, sent 20" in capsys.readouterr().out


def test_b5_of_a_mail_to_a_recipient_it_is_told_which(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    play = told_two_recipients()
    (tmp_path / "public.pem").write_text(SIGNER.public_key(), "utf-8")
    (tmp_path / "bundle.zip").write_bytes(evidence_of(play, play.only_case(), SIGNER))
    (mail,) = [each for each in play.mailer.outbox if each.to == CARRIER]
    (tmp_path / "told.eml").write_bytes(as_sent(mail))
    assert cli.main([*VERIFY, "--letter", "told.eml"]) == 0
    said = capsys.readouterr().out
    assert "those of recipient_notice, version 1, to recipient carrier, sent 20" in said
    assert cli.main([*VERIFY, "--letter", "told.eml", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["letters"][0]["recipient"] == "carrier"


def test_b5_a_mail_that_is_no_letter_of_the_bundle_is_exit_status_1(
    letters: list[OutgoingMail], capsys: pytest.CaptureFixture[str]
) -> None:
    closed = letters[-1]
    Path("altered.eml").write_bytes(as_sent(closed.model_copy(update={"text": f"{closed.text}We owe you a chair."})))
    Path("unsalted.eml").write_bytes(as_sent(closed.model_copy(update={"salt": None})))
    for name, code in (("altered.eml", "letter_unknown"), ("unsalted.eml", "letter_without_salt")):
        assert cli.main([*VERIFY, "--letter", "closed.eml", "--letter", name]) == 1
        said = capsys.readouterr().out.splitlines()
        assert said[0].endswith(" events  sound"), "the bundle is none the less"
        assert said[1].startswith("closed.eml: ")
        assert said[2].startswith(f"{code:<20}  {name}: ")
        assert cli.main([*VERIFY, "--json", "--letter", name]) == 1
        told = json.loads(capsys.readouterr().out)
        assert (told["ok"], told["problems"], told["letters"][0]["code"]) == (False, [], code)


def test_a_letter_is_found_in_no_bundle_that_is_none(
    letters: list[OutgoingMail], capsys: pytest.CaptureFixture[str]
) -> None:
    Path("bundle.zip").write_bytes(b"PK")
    assert cli.main([*VERIFY, "--letter", "closed.eml"]) == 1
    assert "letter_unknown" in capsys.readouterr().out


def test_a_mail_that_is_not_there_is_exit_status_2(
    letters: list[OutgoingMail], capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main([*VERIFY, "--letter", "no-such.eml"]) == 2
    assert "no-such.eml" in capsys.readouterr().err


@pytest.mark.parametrize("content", ["[", "[]]", '[{"to": 1}]', "[" * 100_000])
def test_what_only_begins_like_an_outbox_holds_no_letter(
    content: str, bundle: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("mails.json").write_text(content, "utf-8")
    assert cli.main([*VERIFY, "--letter", "mails.json"]) == 1
    assert "letter_without_salt   mails.json: " in capsys.readouterr().out
