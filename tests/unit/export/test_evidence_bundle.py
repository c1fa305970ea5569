"""The evidence of a closed case: what is in it, and that nobody's data are."""

import base64
import hashlib
import io
import json
import shutil
import subprocess
import zipfile
from pathlib import Path

import pytest

from rightsdesk.domain.lifecycle import Outcome
from rightsdesk.domain.request import RequestType
from rightsdesk.export.evidence_bundle import SIGNED_FILES, evidence_bundle
from tests.support.correcting import CARRIER
from tests.support.desk import JANE, JANES_MEMBER_ID, Desk
from tests.support.evidence import PRINTER, evidence_of, files_in, told_two_recipients
from tests.support.fake_signer import FakeSigner

SIGNER = FakeSigner()
CANARIES = {
    *("Canary Name", JANE, JANES_MEMBER_ID, "Canary details", "K-CANARY", "Canary question", "Canary answer"),
    *("Canary reason", "Canary done", "a chair", "Dear shop"),
}


def test_a_whole_case_is_told_in_nine_files() -> None:
    desk = Desk()
    case = desk.answered()
    desk.close(case)
    case = desk.now(case)
    bundle = evidence_of(desk, case, SIGNER)
    with zipfile.ZipFile(io.BytesIO(bundle)) as archive:
        names = archive.namelist()
    assert names == sorted(
        f"{case.reference}_evidence/{name}" for name in (*SIGNED_FILES, "manifest.json", "manifest.sig")
    )
    files = files_in(bundle)

    lines = files["events.jsonl"].decode().splitlines()
    assert [json.loads(line)["type"] for line in lines] == desk.history(case)
    told = json.loads(files["case.json"])
    assert (told["reference"], told["request_id"], told["outcome"]) == (case.reference, case.request_id, case.outcome)
    assert (told["types"], told["country"], told["door"]) == (["access", "portability"], "IE", "web")
    assert told["counts"] == {
        "events": len(lines),
        "decisions": len(desk.cases.decisions(case.request_id)),
        "letters": len(desk.cases.letters(case.request_id)),
        "questions": 0,
        "messages": 0,
        "rows": 3,
        "withheld_rows": 1,
        "downloads": 0,
    }
    decisions = json.loads(files["decisions.json"])["decisions"]
    assert {"field", "rule", "source", "version", "by"} <= set(decisions[0])
    letters = json.loads(files["letters.json"])["letters"]
    assert {letter["letter"] for letter in letters} >= {"verification_code", "partly_refused", "closed"}
    assert {letter["to"] for letter in letters} == {"person", "staff"}
    manifest = json.loads(files["manifest.json"])
    assert manifest["head"] == {
        "request_id": case.request_id,
        "sequence": case.event_sequence,
        "hash": case.event_hash,
    }
    assert {file["path"]: file["sha256"] for file in manifest["files"]} == {
        name: hashlib.sha256(files[name]).hexdigest() for name in SIGNED_FILES
    }


def test_of_letters_to_recipients_it_says_which_and_no_address() -> None:
    play = told_two_recipients()
    content = files_in(evidence_of(play, play.only_case(), SIGNER))["letters.json"].decode()
    letters = json.loads(content)["letters"]
    told = [(each["letter"], each["recipient"]) for each in letters if each["to"] == "recipient"]
    assert sorted(told) == [("recipient_notice", "carrier"), ("recipient_notice", "printer")]
    assert {each["recipient"] for each in letters if each["to"] != "recipient"} == {None}
    assert not [address for address in (CARRIER, PRINTER) if address in content]


def test_the_certificate_of_an_erasure_is_in_it_and_names_nobody() -> None:
    desk = Desk()
    case = desk.erased()
    desk.certify(case)
    desk.answer(case)
    desk.close(case)
    case = desk.now(case)
    files = files_in(evidence_of(desk, case, SIGNER))
    told = json.loads(files["certificate.json"])["certificate"]
    assert {part["collection"]: part["deleted"] for part in told["collections"]} == {
        "shop/members": 1,
        "shop/orders": 2,
        "files/letters": 1,
    }
    canonical = json.dumps(told, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    (erased,) = [event for event in desk.table.events[case.request_id] if event.type == "erased"]
    assert hashlib.sha256(canonical.encode()).hexdigest() == erased.details["certificate_sha256"]
    for canary in (JANE, JANES_MEMBER_ID, "Jane", "a chair"):
        assert not [name for name, content in files.items() if canary.encode() in content], canary


def test_the_hashes_can_be_made_again_from_what_is_written() -> None:
    """README.txt says how with jq: the lines are canonical JSON."""
    desk = Desk()
    case = desk.answered()
    desk.close(case)
    files = files_in(evidence_of(desk, case, SIGNER))
    for line in files["events.jsonl"].decode().splitlines():
        event = json.loads(line)
        without = line.replace(f'"hash":"{event["hash"]}",', "")
        assert hashlib.sha256(without.encode()).hexdigest() == event["hash"]
    said = [json.loads(line)["details"].get("decisions_sha256") for line in files["events.jsonl"].splitlines()]
    decisions = json.loads(files["decisions.json"])["decisions"]
    canonical = json.dumps(decisions, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert hashlib.sha256(canonical.encode()).hexdigest() == [digest for digest in said if digest][-1]


def test_the_same_facts_and_moment_and_signature_are_the_same_bytes() -> None:
    desk = Desk()
    case = desk.answered()
    desk.close(case)
    case = desk.now(case)

    def made() -> bytes:
        return evidence_bundle(
            case,
            events=desk.table.events[case.request_id],
            decisions=desk.cases.decisions(case.request_id),
            letters=(),
            public_key=SIGNER.public_key(),
            sign=lambda _: b"signature",
            at=desk.clock(),
        )

    assert made() == made()
    assert base64.b64decode(files_in(made())["manifest.sig"]) == b"signature"


def says_nothing_of_the_person(bundle: bytes, *more: str) -> None:
    text = "".join(content.decode() for content in files_in(bundle).values())
    for canary in (*CANARIES, *more):
        assert canary not in text
        assert json.dumps(canary)[1:-1] not in text


def test_a30_nothing_of_the_person_is_in_it() -> None:
    """Answered with a package, after a question and a longer time; carried out by staff; refused; not confirmed."""
    typed = {"name": "Canary Name", "details": "Canary details", "order_number": "K-CANARY"}
    desk = Desk()
    asked = desk.ask(desk.collecting(**typed), "Canary question: which of them?")
    desk.answer_question(asked, "Canary answer: all of them.")
    asked = desk.extend(desk.now(asked), "Canary reason: four archives on tape.")
    for source in asked.sources:
        desk.collect(asked, source)
    desk.build(asked)
    desk.ask_release(asked)
    desk.release(desk.now(asked))
    desk.build(asked, final=True)
    desk.answer(asked)
    desk.close(asked)
    says_nothing_of_the_person(evidence_of(desk, asked, SIGNER), asked.subject_key)

    carried = Desk()
    erased = carried.to_be_carried_out(**typed, types=(RequestType.RECTIFICATION,))
    carried.complete(erased, "Canary done: the address is right now.")
    carried.answer(erased)
    carried.close(erased)
    says_nothing_of_the_person(evidence_of(carried, erased, SIGNER), erased.subject_key)

    refusing = Desk()
    refused = refusing.awaiting_review(**typed)
    refusing.refuse(refused, reason="Canary reason: it is about another.", evidence="Canary details of the file.")
    refusing.close(refused, Outcome.REFUSED)
    says_nothing_of_the_person(evidence_of(refusing, refused, SIGNER), refused.subject_key)

    waiting = Desk()
    unverified = waiting.submit(**typed)
    waiting.close(unverified, Outcome.UNVERIFIED)
    bundle = evidence_of(waiting, unverified, SIGNER)
    says_nothing_of_the_person(bundle, unverified.subject_key)
    assert json.loads(files_in(bundle)["decisions.json"])["decisions"] == []


@pytest.mark.skipif(shutil.which("openssl") is None, reason="needs openssl")
def test_the_digest_of_a_letter_can_be_made_by_the_command_of_the_readme(tmp_path: Path) -> None:
    desk = Desk()
    case = desk.answered()
    desk.close(case)
    files = files_in(evidence_of(desk, case, SIGNER))
    digests = {letter["letter"]: letter["sha256"] for letter in json.loads(files["letters.json"])["letters"]}
    (code,) = [mail for mail in desk.mailer.outbox if mail.subject == "verification_code"]
    assert code.text
    (tmp_path / "text.txt").write_text(f"{code.text}\n", "utf-8")
    commands = [line.strip() for line in files["README.txt"].decode().splitlines() if line.startswith("  printf")]
    assert len(commands) == 2
    for command in commands:
        said = _shell(f"SALT={code.salt}; SUBJECT={code.subject}; {command}", tmp_path)
        assert digests["verification_code"] in said


@pytest.mark.skipif(shutil.which("openssl") is None, reason="needs openssl")
def test_the_commands_of_the_readme_work(tmp_path: Path) -> None:
    desk = Desk()
    case = desk.erased()
    desk.certify(case)
    desk.answer(case)
    desk.close(case)
    with zipfile.ZipFile(io.BytesIO(evidence_of(desk, case, SIGNER))) as archive:
        archive.extractall(tmp_path)
    (folder,) = tmp_path.iterdir()
    readme = (folder / "README.txt").read_text("utf-8")
    commands = [line.strip() for line in readme.splitlines() if line.startswith(("  openssl", "  head", "  jq"))]
    assert len(commands) == 2 * 6
    said = {command: _shell(command, folder) for command in commands if "jq" not in command or shutil.which("jq")}
    assert any("Verified OK" in answer for answer in said.values())
    files = json.loads((folder / "manifest.json").read_text("utf-8"))["files"]
    digests = next(answer for command, answer in said.items() if "case.json" in command)
    assert all(file["sha256"] in digests for file in files)
    events = [json.loads(line) for line in (folder / "events.jsonl").read_text("utf-8").splitlines()]
    decided = [event["details"]["decisions_sha256"] for event in events if "decisions_sha256" in event["details"]]
    certified = [event["details"]["certificate_sha256"] for event in events if event["type"] == "erased"]
    for command, answer in said.items():
        if command.startswith("head"):
            assert events[0]["hash"] in answer
        if command.startswith("jq"):
            assert (certified if "certificate" in command else decided)[-1] in answer


def _shell(command: str, folder: Path) -> str:
    done = subprocess.run(command, shell=True, cwd=folder, capture_output=True, text=True, check=False)  # noqa: S602
    assert done.returncode == 0, (command, done.stderr)
    return done.stdout
