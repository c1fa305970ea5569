"""Checks the evidence of a case offline and names what is wrong with it (mission B-5).

Nothing is unpacked to disk, nothing is fetched, and a hostile file costs bounded time and memory. What a signature
looks like is the caller's to know: it is handed in.
"""

# serves: B-4, B-5

import base64
import binascii
import hashlib
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, TypeVar
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from pydantic import BaseModel, ValidationError

from rightsdesk.domain.audit import AuditEvent, Detail, verify_chain
from rightsdesk.domain.decisions import recorded
from rightsdesk.domain.letters import LetterCopy
from rightsdesk.export.container import container_problem, hidden_bytes
from rightsdesk.export.entry_names import is_regular_file, name_problem
from rightsdesk.export.evidence_bundle import (
    CASE,
    CERTIFICATE,
    DECISIONS,
    EVENTS,
    LETTERS,
    MANIFEST,
    PUBLIC_KEY,
    SIGNATURE,
    SIGNED_FILES,
    EvidenceCase,
    EvidenceCertificate,
    EvidenceDecisions,
    EvidenceLetter,
    EvidenceLetters,
    EvidenceManifest,
    bundle_name,
)

_MAX_ENTRIES = 64  # nine are right; what is too much is named
_MAX_BYTES = 64 * 1024**2  # of all files together
_ENCRYPTED = 0x1
_ENDS = frozenset({"closed", "withdrawn"})
_UNREADABLE = (BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError, ValueError)

ModelT = TypeVar("ModelT", bound=BaseModel)
SignatureFits = Callable[[bytes, bytes, bytes], bool]
"""(public key as PEM, signature, content). Raises ValueError for what is no public key of this kind."""


@dataclass(frozen=True)
class EvidenceProblem:
    """One thing that is wrong. `code` is stable, `path` the file, `detail` says more in English.

    Codes: not_a_bundle, hidden_bytes, bad_name, duplicate, too_large, unreadable, missing, extra, altered,
    manifest_wrong, key_wrong, signature_wrong, events_wrong, chain_broken, not_closed, file_wrong, other_reference,
    other_request, decisions_wrong, certificate_wrong, letters_wrong, counts_wrong.
    """

    code: str
    path: str
    detail: str


@dataclass(frozen=True)
class LetterFinding:
    """Which letter of the bundle a mail is, or why it is none; times are as `letters.json` has them.

    Codes: letter_without_salt (no salt in the mail, so nothing to compare), letter_unknown (no letter has its digest).
    """

    path: str
    code: str | None = None
    letter: str | None = None
    to: str | None = None
    recipient: str | None = None  # its name in the register; None also in bundles of before
    version: int | None = None
    sent_at: str | None = None


@dataclass(frozen=True)
class EvidenceReport:
    """`problems` is empty for sound evidence. `own_key`: only the key that lies in the bundle was there to check with.

    `key_sha256` is of the key that was used, in DER: what a shop can say over the telephone. `letters`: of the mails
    that were given, in their order; a mail that is no letter of the bundle makes the bundle no less sound.
    """

    reference: str | None
    request_id: str | None
    events: int
    head: str | None
    own_key: bool
    key_sha256: str | None
    problems: tuple[EvidenceProblem, ...]
    letters: tuple[LetterFinding, ...] = ()

    @property
    def ok(self) -> bool:
        return not self.problems


def verify_evidence(
    path: Path, *, fits: SignatureFits, key: bytes | None = None, copies: Mapping[str, LetterCopy] | None = None
) -> EvidenceReport:
    """Checks the bundle at `path`. `key` is the signer's public key as PEM, which came another way.

    `copies` are mails by the names of their files, to be found among its letters.

    Raises FileNotFoundError where there is no file, and ValueError where `key` is no key that could have signed.
    """
    bundle = _Bundle(path.name)
    with path.open("rb") as stream:
        reason = container_problem(stream, max_entries=_MAX_ENTRIES)
        if reason is not None:
            bundle.report("not_a_bundle", path.name, reason)
        else:
            try:
                with ZipFile(stream) as archive:
                    bundle.read(archive, stream)
            except _UNREADABLE as error:
                bundle.report("not_a_bundle", path.name, f"can't be read as a ZIP ({type(error).__name__})")
    used = key if key is not None else bundle.files.get(PUBLIC_KEY)
    manifest = bundle.parsed(MANIFEST, EvidenceManifest, code="manifest_wrong")
    _check_signature(bundle, fits, used, given=key is not None)
    events = _events(bundle)
    letters = None
    if manifest is not None:
        letters = bundle.parsed(LETTERS, EvidenceLetters)
        _check_files(bundle, manifest)
        _check_history(bundle, manifest, events)
        _check_contents(bundle, manifest, events, letters)
    return EvidenceReport(
        reference=manifest.reference if manifest else None,
        request_id=manifest.head.request_id if manifest else None,
        events=len(events or ()),
        head=manifest.head.hash if manifest else None,
        own_key=key is None,
        key_sha256=key_digest(used) if used is not None else None,
        problems=tuple(bundle.problems),
        letters=_findings(letters.letters if letters else (), copies or {}),
    )


def _findings(letters: Sequence[EvidenceLetter], copies: Mapping[str, LetterCopy]) -> tuple[LetterFinding, ...]:
    by_digest = {letter.sha256: letter for letter in letters if letter.sha256 is not None}
    return tuple(_finding(path, copy, by_digest) for path, copy in copies.items())


def _finding(path: str, copy: LetterCopy, by_digest: Mapping[str, EvidenceLetter]) -> LetterFinding:
    if copy.sha256 is None:
        return LetterFinding(path, code="letter_without_salt")
    found = by_digest.get(copy.sha256)
    if found is None:
        return LetterFinding(path, code="letter_unknown")
    return LetterFinding(
        path,
        letter=found.letter,
        to=found.to,
        recipient=found.recipient,
        version=found.version,
        sent_at=found.sent_at.isoformat() if found.sent_at else None,
    )


def key_digest(pem: bytes) -> str | None:
    """SHA-256 of a public key in DER; None for what is no PEM."""
    body = b"".join(line for line in pem.splitlines() if not line.startswith(b"-----"))
    try:
        return hashlib.sha256(base64.b64decode(body, validate=True)).hexdigest() if body else None
    except binascii.Error:
        return None


@dataclass
class _Bundle:
    """The files that could be read, by their name in the folder, and what was found to be wrong."""

    name: str
    folder: str | None = None
    files: dict[str, bytes] = field(default_factory=dict)
    problems: list[EvidenceProblem] = field(default_factory=list)

    def report(self, code: str, path: str, detail: str) -> None:
        shown = path if path.isprintable() else path.encode("unicode_escape").decode()
        self.problems.append(EvidenceProblem(code, shown[:200], detail))

    def read(self, archive: ZipFile, stream: BinaryIO) -> None:
        if hidden_bytes(archive, stream):
            self.report("hidden_bytes", self.name, "holds bytes that belong to no listed file")
        infos = archive.infolist()
        if sum(info.file_size for info in infos) > _MAX_BYTES:
            self.report("too_large", self.name, f"unpacks to more than {_MAX_BYTES} bytes")
            return
        taken: set[str] = set()
        for info in infos:
            name = info.orig_filename
            problem = _entry_problem(info)
            if name.casefold() in taken:
                self.report("duplicate", name, "is there twice")
            elif problem is not None:
                self.report(*problem)
            else:
                self._take(archive, info)
            taken.add(name.casefold())
        for name in (*SIGNED_FILES, MANIFEST, SIGNATURE):
            if name not in self.files:
                self.report("missing", name, "is not in the bundle")

    def _take(self, archive: ZipFile, info: ZipInfo) -> None:
        folder, _, name = info.orig_filename.partition("/")
        if not name or name not in (*SIGNED_FILES, MANIFEST, SIGNATURE) or self.folder not in (None, folder):
            self.report("extra", info.orig_filename, "does not belong in a bundle")
            return
        self.folder = folder
        try:
            with archive.open(info) as handle:
                self.files[name] = handle.read(_MAX_BYTES)  # zipfile stops at the size that was looked at
        except _UNREADABLE as error:
            self.report("unreadable", name, f"can't be unpacked ({type(error).__name__})")

    def parsed(self, name: str, model: type[ModelT], *, code: str = "file_wrong") -> ModelT | None:
        if name not in self.files:
            return None
        try:
            return model.model_validate_json(self.files[name])
        except ValidationError as error:
            where = ", ".join(".".join(map(str, problem["loc"])) or "all of it" for problem in error.errors()[:3])
            self.report(code, name, f"is not of this format: {where!a}")
            return None


def _entry_problem(info: ZipInfo) -> tuple[str, str, str] | None:
    """(code, path, detail) of an entry that is not looked into."""
    name = info.orig_filename
    problem = name_problem(name)
    if problem is not None:
        return "bad_name", name, problem
    if not is_regular_file(info.external_attr):
        return "bad_name", name, "is a link or a device, not a file"
    if info.flag_bits & _ENCRYPTED or info.compress_type not in (ZIP_STORED, ZIP_DEFLATED):
        return "unreadable", name, "is encrypted or packed in a way that bundles never are"
    return None


def _check_signature(bundle: _Bundle, fits: SignatureFits, key: bytes | None, *, given: bool) -> None:
    content, written = bundle.files.get(MANIFEST), bundle.files.get(SIGNATURE)
    if content is None or written is None or key is None:
        return  # it was named as missing
    try:
        signature = base64.b64decode(b"".join(written.split()), validate=True)
    except binascii.Error:
        bundle.report("signature_wrong", SIGNATURE, "is not base64")
        return
    try:
        right = fits(key, signature, content)
    except ValueError:
        if given:
            raise
        bundle.report("key_wrong", PUBLIC_KEY, "is no public key of the kind that signs evidence")
        return
    if not right:
        whose = "the key that was given" if given else "the key in the bundle"
        bundle.report("signature_wrong", SIGNATURE, f"is not over this manifest by {whose}")


def _check_files(bundle: _Bundle, manifest: EvidenceManifest) -> None:
    if bundle.folder != bundle_name(manifest.reference):
        bundle.report("other_reference", bundle.folder or "", "is the folder of another reference")
    if [entry.path for entry in manifest.files] != list(SIGNED_FILES):
        bundle.report("manifest_wrong", MANIFEST, "does not name the files of a bundle, each once")
    for entry in manifest.files:
        content = bundle.files.get(entry.path)
        if content is None:
            continue
        if len(content) != entry.bytes:
            bundle.report("altered", entry.path, f"has {len(content)} bytes, not {entry.bytes}")
        elif hashlib.sha256(content).hexdigest() != entry.sha256:
            bundle.report("altered", entry.path, "its content is not what the manifest says")


def _events(bundle: _Bundle) -> list[AuditEvent] | None:
    if EVENTS not in bundle.files:
        return None
    events = []
    for number, line in enumerate(bundle.files[EVENTS].splitlines(), start=1):
        try:
            events.append(AuditEvent.model_validate_json(line))
        except ValidationError:
            bundle.report("events_wrong", EVENTS, f"line {number} is no event")
            return None
    return events


def _check_history(bundle: _Bundle, manifest: EvidenceManifest, events: Sequence[AuditEvent] | None) -> None:
    if events is None:
        return
    broken = verify_chain(events, expected_head=(manifest.head.sequence, manifest.head.hash))
    if broken is not None:
        bundle.report("chain_broken", EVENTS, f"event {broken.sequence} {broken.problem}")
    if not any(event.type in _ENDS for event in events):
        bundle.report("not_closed", EVENTS, "no event says that the case ended")
    if events and events[0].details.get("reference") != manifest.reference:
        bundle.report("other_reference", EVENTS, "its first event names another reference")
    if any(event.request_id != manifest.head.request_id for event in events):
        bundle.report("other_request", EVENTS, "holds events of another request")


def _check_contents(
    bundle: _Bundle,
    manifest: EvidenceManifest,
    events: Sequence[AuditEvent] | None,
    letters: EvidenceLetters | None,
) -> None:
    case = bundle.parsed(CASE, EvidenceCase)
    decided = bundle.parsed(DECISIONS, EvidenceDecisions)
    certified = bundle.parsed(CERTIFICATE, EvidenceCertificate)
    for name, content in ((CASE, case), (CERTIFICATE, certified), (DECISIONS, decided), (LETTERS, letters)):
        if content is not None and content.reference != manifest.reference:
            bundle.report("other_reference", name, "is of another reference than the manifest")
    if case is not None and case.request_id != manifest.head.request_id:
        bundle.report("other_request", CASE, "is of another request than the manifest")
    if decided is not None and events is not None:
        _check_decisions(bundle, decided, events)
    if certified is not None and events is not None:
        _check_certificate(bundle, certified, events)
    if letters is not None and events is not None:
        _check_recipients(bundle, letters, events)
    if case is not None:
        counted = (
            ("events", case.counts.events, events),
            ("decisions", case.counts.decisions, decided.decisions if decided else None),
            ("letters", case.counts.letters, letters.letters if letters else None),
        )
        for what, number, there in counted:
            if there is not None and len(there) != number:
                bundle.report("counts_wrong", CASE, f"says another number of {what} than there are")


def _check_certificate(bundle: _Bundle, certified: EvidenceCertificate, events: Sequence[AuditEvent]) -> None:
    """Against the event that says that nothing was left."""
    certificate = certified.certificate
    said = next((e.details.get("certificate_sha256") for e in reversed(events) if e.type == "erased"), None)
    if (certificate.sha256 if certificate else None) != said:
        bundle.report("certificate_wrong", CERTIFICATE, "is not the certificate that the event of the erasure records")


def _check_recipients(bundle: _Bundle, letters: EvidenceLetters, events: Sequence[AuditEvent]) -> None:
    """Against the events that say who was to be told. Where none says so of a letter, as before, nothing is missing."""
    known = {name for e in events if e.type == "recipients_named" for name in _names(e.details.get("recipients"))}
    if any(letter.recipient is not None and letter.recipient not in known for letter in letters.letters):
        bundle.report("letters_wrong", LETTERS, "a letter went to a recipient that no event names")


def _names(detail: Detail | None) -> list[str]:
    return detail if isinstance(detail, list) else []


def _check_decisions(bundle: _Bundle, decided: EvidenceDecisions, events: Sequence[AuditEvent]) -> None:
    """Against the last event that holds their digest: each decision after the first plan made a new one."""
    said = next((e.details["decisions_sha256"] for e in reversed(events) if "decisions_sha256" in e.details), None)
    if said is None and decided.decisions:
        bundle.report("decisions_wrong", DECISIONS, "no event records that anything was decided")
    elif said is not None and recorded(decided.decisions)["decisions_sha256"] != said:
        bundle.report(
            "decisions_wrong", DECISIONS, "these are not the decisions that the last event about them records"
        )
