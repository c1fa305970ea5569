"""The evidence of a case from the door of staff to the check offline, over the whole system."""

import base64
import json
import os
from pathlib import Path

import pytest
from moto.ses.models import ses_backends

from local.account import ACCOUNT, REGION
from local.commands import evidence, outbox
from local.commands._signatures import signature_fits
from local.running import RunningStack
from rightsdesk.adapters.kms_signer import KmsSigner
from rightsdesk.export.evidence_verify import verify_evidence
from tests.support.evidence import files_in
from tests.support.stack import Case, PlayedStack


@pytest.fixture(scope="module")
def key(stack: PlayedStack) -> bytes:
    return KmsSigner(stack.local.ref("EvidenceSigningKey"), stack.client("kms")).public_key().encode()


@pytest.fixture(scope="module")
def closed(stack: PlayedStack) -> Case:
    member = stack.new_member(country="DE", orders=2, gifts=1)
    case = stack.to_answer(member, details="Canary details", order_number=f"K{member.number:06d}-0001")
    stack.download(case)
    stack.advance(days=14, hours=1)
    assert stack.stored(case).outcome is not None
    return case


def test_b5_the_evidence_of_a_closed_case_is_sound_and_names_nobody(
    stack: PlayedStack, closed: Case, key: bytes, tmp_path: Path
) -> None:
    before = stack.stored(closed)
    answer = stack.call("GET", f"/staff/requests/{closed.reference}/evidence", staff="auditor").expect(200)
    bundle = tmp_path / answer["filename"]
    bundle.write_bytes(base64.b64decode(answer["bundle"]))
    report = verify_evidence(bundle, fits=signature_fits, key=key)
    assert report.ok, report.problems
    assert (report.reference, report.events, report.head) == (
        closed.reference,
        before.event_sequence,
        before.event_hash,
    )
    assert stack.stored(closed) == before, "reading changes nothing"
    assert [event["type"] for event in stack.timeline(closed)][-1] == "closed"

    text = "".join(content.decode() for content in files_in(bundle.read_bytes()).values())
    for canary in (before.name, before.email, before.subject_key, "Canary details", str(before.order_number)):
        assert canary not in text
    for identifiers in before.identifiers.values():
        assert not [value for value in identifiers if value in text]
    for letter in stack.cases.letters(before.request_id):
        assert letter.recipient_key not in text or letter.recipient_key == "staff"
    (line,) = [json.loads(line) for line in stack.log.getvalue().splitlines() if "evidence made" in line]
    assert (line["request_id"], line["events"]) == (before.request_id, before.event_sequence)
    assert line["actor"].startswith("staff:")
    assert line["actor"] != "staff:[removed]"


def test_b5_what_the_outbox_shows_and_what_ses_was_handed_are_letters_of_the_bundle(
    stack: PlayedStack,
    closed: Case,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    RunningStack(pid=os.getpid(), url=stack.local.url).save()
    assert evidence.run([closed.reference, "-o", "bundle.zip"]) == 0
    capsys.readouterr()
    assert outbox.run(["--to", stack.stored(closed).email, "--json"]) == 0
    Path("mails.json").write_text(capsys.readouterr().out, "utf-8")
    handed = [message.raw_data for message in ses_backends[ACCOUNT][REGION].sent_messages]
    salts = [mail["headers"]["X-Letter-Salt"] for mail in json.loads(Path("mails.json").read_text("utf-8"))]
    (raw,) = [each for each in handed if salts[-1] in each]
    Path("last.eml").write_text(raw, "ascii", newline="")

    assert evidence.run(["verify", "bundle.zip", "--letter", "mails.json", "--letter", "last.eml", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)["letters"]
    letters = stack.cases.letters(stack.stored(closed).request_id)
    kept = [record for record in letters if record.recipient_key == stack.stored(closed).subject_key]
    assert [each["letter"] for each in told] == [record.letter for record in kept] + ["closed"]
    files = files_in(Path("bundle.zip").read_bytes())
    digests = [letter["sha256"] for letter in json.loads(files["letters.json"])["letters"]]
    assert digests == [record.sha256 for record in letters]
    assert all(digests)
    text = "".join(content.decode() for content in files.values())
    assert not [salt for salt in salts if salt in text]


def test_an_open_case_is_refused_and_so_is_a_handler(stack: PlayedStack, closed: Case) -> None:
    waiting = stack.to_review(stack.new_member())
    answer = stack.call("GET", f"/staff/requests/{waiting.reference}/evidence", staff="auditor")
    assert (answer.status, answer.body["code"]) == (409, "case_open")
    answer = stack.call("GET", f"/staff/requests/{closed.reference}/evidence", staff="handler")
    assert (answer.status, answer.body["code"]) == (403, "not_allowed")


def test_the_command_fetches_a_bundle_and_checks_it(
    stack: PlayedStack,
    closed: Case,
    key: bytes,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    RunningStack(pid=os.getpid(), url=stack.local.url).save()
    (tmp_path / "public.pem").write_bytes(key)
    assert evidence.run([closed.reference, "-o", "bundle.zip"]) == 0
    assert capsys.readouterr().out.startswith("bundle.zip  ")
    assert evidence.run(["verify", "bundle.zip", "--key", "public.pem"]) == 0
    assert capsys.readouterr().out.startswith(f"{closed.reference}  ")
    assert evidence.run([closed.reference.lower(), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["reference"], told["file"]) == (closed.reference, f"{closed.reference}_evidence.zip")
    assert (tmp_path / told["file"]).stat().st_size == told["bytes"]

    waiting = stack.to_review(stack.new_member())
    assert evidence.run([waiting.reference, "-o", "none.zip"]) == 1
    assert f"{waiting.reference} is still open" in capsys.readouterr().err
    assert not (tmp_path / "none.zip").exists()
    assert evidence.run([closed.reference, "-o", "no-such-folder/bundle.zip"]) == 1
    assert "No such file or directory" in capsys.readouterr().err
    assert evidence.run([closed.reference, "--api", "http://elsewhere.example"]) == 1
    assert "https" in capsys.readouterr().err
