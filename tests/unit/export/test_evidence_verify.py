"""The check of evidence: it names every kind of tampering, offline, and believes no key that it was not given."""

import base64
import hashlib
import io
import json
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from local.commands._signatures import signature_fits
from rightsdesk.domain.audit import AuditEvent, hash_of
from rightsdesk.domain.erasure_state import ErasureCertificate
from rightsdesk.domain.http_signature import content_digest, signature_base
from rightsdesk.domain.lifecycle import Outcome
from rightsdesk.export.evidence_bundle import EvidenceCertificate, canonical_line
from rightsdesk.export.evidence_verify import EvidenceReport, key_digest, verify_evidence
from tests.support.desk import Desk
from tests.support.evidence import evidence_of, files_in, packed, told_two_recipients
from tests.support.fake_signer import FakeSigner

Files = dict[str, bytes]
SIGNER = FakeSigner()
STRANGER = FakeSigner()
KEY = SIGNER.public_key().encode()


def closed() -> tuple[str, bytes]:
    desk = Desk()
    case = desk.answered()
    desk.close(case)
    return case.reference, evidence_of(desk, case, SIGNER)


REFERENCE, WHOLE = closed()
FOLDER = f"{REFERENCE}_evidence"


def verified(content: bytes, folder: Path, key: bytes | None = KEY) -> EvidenceReport:
    path = folder / "bundle.zip"
    path.write_bytes(content)
    return verify_evidence(path, fits=signature_fits, key=key)


def found(report: EvidenceReport) -> set[tuple[str, str]]:
    return {(problem.code, problem.path) for problem in report.problems}


def certificate_of_nothing(reference: str) -> bytes:
    at = datetime(2026, 11, 29, tzinfo=UTC)
    certificate = ErasureCertificate(
        plan_sha256="0" * 64, rounds=1, datamap_version="1", began_at=at, certified_at=at, collections=()
    )
    return EvidenceCertificate(reference=reference, certificate=certificate).model_dump_json().encode()


def signed_again(files: Files, signer: FakeSigner) -> Files:
    """By whoever has a key: digests and signature are made to fit what is there."""
    manifest = json.loads(files["manifest.json"])
    for entry in manifest["files"]:
        content = files[entry["path"]]
        entry |= {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
    written = json.dumps(manifest, indent=2).encode()
    return files | {"manifest.json": written, "manifest.sig": base64.b64encode(signer.sign(written))}


def test_b5_sound_evidence_is_sound(tmp_path: Path) -> None:
    report = verified(WHOLE, tmp_path)
    assert report.ok, report.problems
    assert (report.reference, report.own_key, report.key_sha256) == (REFERENCE, False, key_digest(KEY))
    assert report.events == len(files_in(WHOLE)["events.jsonl"].splitlines())
    assert list(tmp_path.iterdir()) == [tmp_path / "bundle.zip"], "nothing was unpacked"
    own = verified(WHOLE, tmp_path, key=None)
    assert (own.ok, own.own_key, own.key_sha256) == (True, True, report.key_sha256)
    assert verified(packed(files_in(WHOLE), folder=FOLDER), tmp_path).ok, "packed anew by another program"


def test_b5_a_bundle_from_before_letters_had_a_digest_is_sound(tmp_path: Path) -> None:
    files = files_in(WHOLE)
    told = json.loads(files["letters.json"])
    assert all(letter.pop("sha256") for letter in told["letters"])
    before = signed_again(files | {"letters.json": json.dumps(told).encode()}, SIGNER)
    assert verified(packed(before, folder=FOLDER), tmp_path).ok


def test_b5_letters_to_recipients_are_those_of_the_history_and_a_bundle_that_names_none_is_sound(
    tmp_path: Path,
) -> None:
    play = told_two_recipients()
    case = play.only_case()
    files = files_in(evidence_of(play, case, SIGNER))

    def of(letters: bytes) -> EvidenceReport:
        changed = signed_again(files | {"letters.json": letters}, SIGNER)
        return verified(packed(changed, folder=f"{case.reference}_evidence"), tmp_path)

    assert of(files["letters.json"]).ok
    renamed = of(files["letters.json"].replace(b'"recipient": "carrier"', b'"recipient": "stranger"'))
    assert found(renamed) == {("letters_wrong", "letters.json")}
    told = json.loads(files["letters.json"])
    for letter in told["letters"]:
        del letter["recipient"]
    assert of(json.dumps(told).encode()).ok


@pytest.mark.parametrize("outcome", [Outcome.UNVERIFIED, Outcome.WITHDRAWN])
def test_b5_a_case_in_which_nothing_was_decided_is_sound(outcome: Outcome, tmp_path: Path) -> None:
    desk = Desk()
    case = desk.submit()
    if outcome is Outcome.WITHDRAWN:
        desk.withdraw(case)
    else:
        desk.close(case, outcome)
    assert verified(evidence_of(desk, case, SIGNER), tmp_path).ok


Tamper = Callable[[Files], None]


def alter(name: str, old: bytes, new: bytes) -> Tamper:
    def change(files: Files) -> None:
        assert old in files[name]
        files[name] = files[name].replace(old, new)

    return change


def drop(name: str) -> Tamper:
    def change(files: Files) -> None:
        del files[name]

    return change


def put(name: str, content: bytes) -> Tamper:
    def change(files: Files) -> None:
        files[name] = content

    return change


def cut_off(files: Files) -> None:
    files["events.jsonl"] = b"".join(files["events.jsonl"].splitlines(keepends=True)[:-1])


def first_line_gone(files: Files) -> None:
    files["events.jsonl"] = files["events.jsonl"].split(b"\n", 1)[1]


def forget_a_decision(files: Files) -> None:
    told = json.loads(files["decisions.json"])
    told["decisions"].pop()
    files["decisions.json"] = json.dumps(told).encode()


STRANGERS_KEY = STRANGER.public_key().encode()
OTHER = b"RD-28T5-CY4G-M"
NOT_THE_MANIFEST = ("signature_wrong", "manifest.sig")

# By somebody without the key: the digests and the signature show it.
CHANGES: dict[str, tuple[Tamper, set[tuple[str, str]]]] = {
    "an event": (
        alter("events.jsonl", b'"released"', b'"answered"'),
        {("altered", "events.jsonl"), ("chain_broken", "events.jsonl")},
    ),
    "a decision": (
        alter("decisions.json", b'"give"', b'"keep"'),
        {("altered", "decisions.json"), ("decisions_wrong", "decisions.json")},
    ),
    "a letter": (alter("letters.json", b'"person"', b'"staff"'), {("altered", "letters.json")}),
    "the case": (alter("case.json", b'"IE"', b'"DE"'), {("altered", "case.json")}),
    "the readme": (alter("README.txt", b"openssl", b"0penssl"), {("altered", "README.txt")}),
    "the key": (put("public_key.pem", STRANGERS_KEY), {("altered", "public_key.pem")}),
    "the manifest": (alter("manifest.json", b"rightsdesk 0", b"rightsdesk 9"), {NOT_THE_MANIFEST}),
    "a manifest of nothing": (put("manifest.json", b"{}"), {("manifest_wrong", "manifest.json"), NOT_THE_MANIFEST}),
    "the signature": (put("manifest.sig", base64.b64encode(b"nonsense")), {NOT_THE_MANIFEST}),
    "a signature of other letters": (put("manifest.sig", b"not base64!"), {NOT_THE_MANIFEST}),
    "one file more": (put("more.txt", b"x"), {("extra", f"{FOLDER}/more.txt")}),
    "one file outside": (put("../more.txt", b"x"), {("bad_name", f"{FOLDER}/../more.txt")}),
    "one file twice": (put("CASE.json", b"x"), {("duplicate", f"{FOLDER}/CASE.json")}),
    **{f"without {name}": (drop(name), {("missing", name)}) for name in sorted(files_in(WHOLE))},
}


@pytest.mark.parametrize("what", CHANGES)
def test_b5_what_was_changed_is_named(what: str, tmp_path: Path) -> None:
    tamper, named = CHANGES[what]
    files = files_in(WHOLE)
    tamper(files)
    assert found(verified(packed(files, folder=FOLDER), tmp_path)) == named


# By somebody with the key, or of a desk that is not whole: what is inside contradicts itself.
LIES: dict[str, tuple[Tamper, set[tuple[str, str]]]] = {
    "another event": (
        alter("events.jsonl", b'"mailbox_confirmed"', b'"identity_confirmed"'),
        {("chain_broken", "events.jsonl")},
    ),
    "no end": (
        cut_off,
        {("chain_broken", "events.jsonl"), ("not_closed", "events.jsonl"), ("counts_wrong", "case.json")},
    ),
    "no beginning": (
        first_line_gone,
        {("chain_broken", "events.jsonl"), ("other_reference", "events.jsonl"), ("counts_wrong", "case.json")},
    ),
    "events that are none": (put("events.jsonl", b"nonsense\n"), {("events_wrong", "events.jsonl")}),
    "no events": (
        put("events.jsonl", b""),
        {
            *(("chain_broken", "events.jsonl"), ("not_closed", "events.jsonl")),
            *(("counts_wrong", "case.json"), ("decisions_wrong", "decisions.json")),
        },
    ),
    "another decision": (alter("decisions.json", b'"give"', b'"keep"'), {("decisions_wrong", "decisions.json")}),
    "one decision less": (
        forget_a_decision,
        {("decisions_wrong", "decisions.json"), ("counts_wrong", "case.json")},
    ),
    **{
        f"another reference in {name}": (alter(name, REFERENCE.encode(), OTHER), {("other_reference", name)})
        for name in ("case.json", "certificate.json", "decisions.json", "letters.json")
    },
    "another reference in the manifest": (
        alter("manifest.json", REFERENCE.encode(), OTHER),
        {
            *(
                ("other_reference", name)
                for name in ("case.json", "certificate.json", "decisions.json", "letters.json")
            ),
            *(("other_reference", name) for name in ("events.jsonl", FOLDER)),
        },
    ),
    "another request": (alter("case.json", b'"request_id": "0', b'"request_id": "f'), {("other_request", "case.json")}),
    "the head of another request": (
        alter("manifest.json", b'"request_id": "0', b'"request_id": "f'),
        {("other_request", "case.json"), ("other_request", "events.jsonl")},
    ),
    "a file named twice": (
        alter("manifest.json", b'"README.txt"', b'"case.json"'),
        {("manifest_wrong", "manifest.json")},
    ),
    "another format": (
        alter("manifest.json", b"evidence/1", b"evidence/2"),
        {("manifest_wrong", "manifest.json")},
    ),
    "a name in the case": (
        alter("case.json", b'"outcome"', b'"name": "Jane", "outcome"'),
        {("file_wrong", "case.json")},
    ),
    "a certificate of nothing": (
        put("certificate.json", certificate_of_nothing(REFERENCE)),
        {("certificate_wrong", "certificate.json")},
    ),
    "letters that are none": (put("letters.json", b"[]"), {("file_wrong", "letters.json")}),
}


@pytest.mark.parametrize("what", LIES)
def test_b5_a_right_signature_does_not_make_a_story_true(what: str, tmp_path: Path) -> None:
    tamper, named = LIES[what]
    files = files_in(WHOLE)
    tamper(files)
    assert found(verified(packed(signed_again(files, SIGNER), folder=FOLDER), tmp_path)) == named


def chain_written_anew(files: Files) -> None:
    """Every event is hashed again after a lie, and the manifest follows."""
    events = [AuditEvent.model_validate_json(line) for line in files["events.jsonl"].splitlines()]
    previous, lines = None, []
    for event in events:
        changes: dict[str, Any] = {"actor": "staff:nobody"} if event.type == "released" else {}
        changes |= {"previous_hash": previous.hash} if previous else {}
        event = event.model_copy(update=changes)
        previous = event.model_copy(update={"hash": hash_of(event)})
        lines.append(canonical_line(previous))
    assert previous is not None
    files["events.jsonl"] = "".join(f"{line}\n" for line in lines).encode()
    files["manifest.json"] = files["manifest.json"].replace(events[-1].hash.encode(), previous.hash.encode())


def test_b5_all_written_anew_under_another_key_is_found_by_the_key_of_the_shop_alone(tmp_path: Path) -> None:
    files = files_in(WHOLE)
    chain_written_anew(files)
    files["public_key.pem"] = STRANGER.public_key().encode()
    forged = packed(signed_again(files, STRANGER), folder=FOLDER)
    own = verified(forged, tmp_path, key=None)
    assert (own.ok, own.own_key) == (True, True), "which is why the report says which key was used"
    assert own.key_sha256 != key_digest(KEY)
    assert found(verified(forged, tmp_path)) == {("signature_wrong", "manifest.sig")}


@pytest.mark.parametrize("key", [b"", b"no key", b"-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n"])
def test_b5_a_key_in_the_bundle_that_is_none_is_named_and_a_given_one_is_the_callers_fault(
    key: bytes, tmp_path: Path
) -> None:
    files = files_in(WHOLE)
    files["public_key.pem"] = key
    report = verified(packed(files, folder=FOLDER), tmp_path, key=None)
    assert found(report) == {("key_wrong", "public_key.pem"), ("altered", "public_key.pem")}
    with pytest.raises(ValueError):
        verified(WHOLE, tmp_path, key=key)


@pytest.mark.parametrize(
    ("content", "named"),
    [
        (b"", {("not_a_bundle", "bundle.zip")}),
        (WHOLE + b"x", {("not_a_bundle", "bundle.zip")}),
        (WHOLE[:-1], {("not_a_bundle", "bundle.zip")}),
        (b"x" + WHOLE, {("not_a_bundle", "bundle.zip")}),
    ],
)
def test_a88_what_is_no_bundle_is_named(content: bytes, named: set[tuple[str, str]], tmp_path: Path) -> None:
    assert found(verified(content, tmp_path)) == named


def test_a88_links_two_folders_and_what_unpacks_to_too_much_are_named(tmp_path: Path) -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        link = zipfile.ZipInfo(f"{FOLDER}/case.json")
        link.external_attr = 0o120777 << 16
        archive.writestr(link, "/etc/hosts")
        archive.writestr(f"{FOLDER}/README.txt", "x")
        archive.writestr("other/letters.json", "x")
    named = found(verified(stream.getvalue(), tmp_path))
    assert {("bad_name", f"{FOLDER}/case.json"), ("extra", "other/letters.json")} <= named
    bomb = packed(files_in(WHOLE) | {"events.jsonl": bytes(70 * 1024**2)}, folder=FOLDER)
    assert ("too_large", "bundle.zip") in found(verified(bomb, tmp_path))


@settings(max_examples=60, deadline=None)
@given(position=st.integers(0, len(WHOLE) - 1), bit=st.integers(0, 7))
def test_a88_no_flipped_bit_goes_unseen_or_breaks_the_check(
    position: int, bit: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    flipped = bytearray(WHOLE)
    flipped[position] ^= 1 << bit
    folder = tmp_path_factory.mktemp("flipped")
    report = verified(bytes(flipped), folder)
    # Of an entry, time stamps and the like may change without a file changing.
    same = report.ok and files_in(bytes(flipped)) == files_in(WHOLE)
    assert same or report.problems


def test_what_is_signed_for_another_controller_is_no_evidence(tmp_path: Path) -> None:
    """One key signs both (ADR 13), and the person chooses the address in the text."""
    files = files_in(WHOLE)
    named = {"Content-Type": "application/zip", "Content-Digest": content_digest("ab" * 32)}
    manifest = json.dumps(json.loads(files["manifest.json"]), separators=(",", ":"))
    text = signature_base("POST", f"https://take.portable.example/?{manifest}", named, "()")
    passed_off = files | {"manifest.json": text, "manifest.sig": base64.b64encode(SIGNER.sign(text))}
    assert ("manifest_wrong", "manifest.json") in found(verified(packed(passed_off, folder=FOLDER), tmp_path))
