"""The evidence of a closed case: one signed ZIP that shows what happened, when and by which rules (mission B-4, B-5).

It holds ids, codes, dates and digests, and no data of the person, so that it may be given to an authority and kept.
The manifest names every file with its digest and the head of the chain of events; the signature is over its exact
bytes. `evidence_verify.py` is the other side.
"""

# serves: B-4, B-5

import base64
import hashlib
import io
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from rightsdesk import __version__
from rightsdesk.domain.audit import AuditEvent
from rightsdesk.domain.case_views import LetterView
from rightsdesk.domain.clock import Breach
from rightsdesk.domain.decisions import FieldDecision
from rightsdesk.domain.digests import canonical_json
from rightsdesk.domain.erasure_state import ErasureCertificate
from rightsdesk.domain.letters import LetterRecord
from rightsdesk.domain.lifecycle import Outcome
from rightsdesk.domain.recipient_notice import RecipientNotice
from rightsdesk.domain.register import grounds_of
from rightsdesk.domain.request import Country, Door, PrivacyRequest, RequestType
from rightsdesk.domain.shown_case import letters_shown
from rightsdesk.export.archive import PartArchive
from rightsdesk.export.evidence_readme import evidence_readme
from rightsdesk.export.manifest import Count, Sha256

SPECIFICATION = "rightsdesk-evidence/1"
EVENTS = "events.jsonl"
DECISIONS = "decisions.json"
LETTERS = "letters.json"
CASE = "case.json"
CERTIFICATE = "certificate.json"
README = "README.txt"
PUBLIC_KEY = "public_key.pem"
MANIFEST = "manifest.json"
SIGNATURE = "manifest.sig"
SIGNED_FILES = (CASE, CERTIFICATE, DECISIONS, EVENTS, LETTERS, PUBLIC_KEY, README)  # the manifest names them

Sign = Callable[[bytes], bytes]
"""The signature over these bytes: ECDSA on P-256 with SHA-256, in DER."""


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)


class EvidenceDates(_Model):
    """Points in time are UTC, days are local to the case."""

    received_at: datetime
    received_on: date
    verified_at: datetime | None
    due_on: date
    conservative_due_on: date
    target_on: date
    extension_told_at: datetime | None
    suspended_days: int
    carried_out_at: datetime | None
    answered_at: datetime | None
    closed_at: datetime | None


class EvidenceCounts(_Model):
    """How many of each there are. `rows` and `downloads` are of the package, where one was the answer."""

    events: Count
    decisions: Count
    letters: Count
    questions: Count
    messages: Count
    rows: Count
    withheld_rows: Count
    downloads: Count


class EvidenceCase(_Model):
    """`case.json`. Field by field: what is added to a case later does not get in by itself."""

    reference: str
    request_id: str
    types: tuple[RequestType, ...]
    laws: tuple[str, ...]
    rules: tuple[str, ...]  # of the dates
    dates: EvidenceDates
    outcome: Outcome | None
    door: Door
    country: Country
    assurance: int
    datamap_version: str | None
    grounds: tuple[str, ...]
    breaches: tuple[Breach, ...]
    counts: EvidenceCounts


class EvidenceDecisions(_Model):
    """`decisions.json`: in the order of the digest that an event of the case holds."""

    reference: str
    decisions: tuple[FieldDecision, ...]


class EvidenceLetter(LetterView):
    """A letter, and by its name in the register which recipient it went to; None for a letter to nobody of these.

    Bundles of before did not say so.
    """

    recipient: str | None = None


class EvidenceLetters(_Model):
    """`letters.json`: which letters there were and what became of each; never what one said."""

    reference: str
    letters: tuple[EvidenceLetter, ...]


class EvidenceCertificate(_Model):
    """`certificate.json`: what was erased and what stays, in numbers; null for a case that erased nothing."""

    reference: str
    certificate: ErasureCertificate | None


class ChainHead(_Model):
    """The last event, by the case itself: a chain that was cut off does not reach it."""

    request_id: str
    sequence: Count
    hash: Sha256


class EvidenceFile(_Model):
    path: str
    bytes: Count
    sha256: Sha256


class EvidenceManifest(_Model):
    """`manifest.json`. It names all files but itself and its signature."""

    spec: Literal["rightsdesk-evidence/1"]
    reference: str
    generated_at: datetime
    generator: str
    head: ChainHead
    files: Annotated[tuple[EvidenceFile, ...], Field(max_length=len(SIGNED_FILES))]


def bundle_name(reference: str) -> str:
    """Of the folder inside; with `.zip`, of the file."""
    return f"{reference}_evidence"


def evidence_bundle(
    case: PrivacyRequest,
    *,
    events: Sequence[AuditEvent],
    decisions: Sequence[FieldDecision],
    letters: Sequence[EvidenceLetter],
    public_key: str,
    sign: Sign,
    at: datetime,
) -> bytes:
    """The ZIP. The same facts, moment and signature give the same bytes. `public_key` is PEM, of the key of `sign`.

    Decisions that no event records were not taken, and are left out.
    """
    recorded = tuple(decisions) if any("decisions_sha256" in event.details for event in events) else ()
    files = {
        EVENTS: "".join(f"{canonical_line(event)}\n" for event in events).encode(),
        DECISIONS: _json(EvidenceDecisions(reference=case.reference, decisions=recorded)),
        LETTERS: _json(EvidenceLetters(reference=case.reference, letters=tuple(letters))),
        CERTIFICATE: _json(
            EvidenceCertificate(
                reference=case.reference, certificate=case.erasure.certificate if case.erasure else None
            )
        ),
        CASE: _json(_case(case, events=len(events), decisions=len(recorded), letters=len(letters))),
        README: evidence_readme(case.reference).encode(),
        PUBLIC_KEY: public_key.encode(),
    }
    manifest = _json(
        EvidenceManifest(
            spec=SPECIFICATION,
            reference=case.reference,
            generated_at=at,
            generator=f"rightsdesk {__version__}",
            head=ChainHead(request_id=case.request_id, sequence=case.event_sequence, hash=case.event_hash),
            files=tuple(
                EvidenceFile(path=name, bytes=len(files[name]), sha256=hashlib.sha256(files[name]).hexdigest())
                for name in SIGNED_FILES
            ),
        )
    )
    signature = base64.b64encode(sign(manifest)) + b"\n"
    return _packed(files | {MANIFEST: manifest, SIGNATURE: signature}, folder=bundle_name(case.reference), at=at)


def evidence_letters(
    case: PrivacyRequest, letters: Sequence[LetterRecord], notices: Iterable[RecipientNotice]
) -> tuple[EvidenceLetter, ...]:
    """The letters as `letters.json` has them. `notices`: of this case, which say to which recipient a letter went."""
    asked = [(each, notice.recipient) for notice in notices for each in (notice, notice.follows) if each is not None]
    names = {each.recipient_key: recipient for each, recipient in asked}
    return tuple(
        EvidenceLetter(**shown.model_dump(), recipient=names.get(record.recipient_key))
        for record, shown in zip(letters, letters_shown(case, letters), strict=True)
    )


def canonical_line(event: AuditEvent) -> str:
    """An event with keys sorted and no spaces: without `hash`, it is the very text that `hash` is the SHA-256 of."""
    return canonical_json(event.model_dump(mode="json"))


def _case(case: PrivacyRequest, *, events: int, decisions: int, letters: int) -> EvidenceCase:
    export = case.export
    return EvidenceCase(
        reference=case.reference,
        request_id=case.request_id,
        types=case.types,
        laws=case.due.laws,
        rules=case.due.rules,
        dates=EvidenceDates(
            received_at=case.received_at,
            received_on=case.due.received_on,
            verified_at=case.verified_at,
            due_on=case.due.due_on,
            conservative_due_on=case.due.conservative_due_on,
            target_on=case.due.target_on,
            extension_told_at=case.extension.told_at if case.extension else None,
            suspended_days=case.due.suspended_days,
            carried_out_at=case.carried_out_at,
            answered_at=case.answered_at,
            closed_at=case.closed_at,
        ),
        outcome=case.outcome,
        door=case.door,
        country=case.country,
        assurance=int(case.assurance),
        datamap_version=case.datamap_version,
        grounds=grounds_of(case),
        breaches=case.breaches,
        counts=EvidenceCounts(
            events=events,
            decisions=decisions,
            letters=letters,
            questions=len(case.questions),
            messages=len(case.messages),
            rows=export.rows if export else 0,
            withheld_rows=export.withheld_rows if export else 0,
            downloads=export.downloads if export else 0,
        ),
    )


def _json(model: BaseModel) -> bytes:
    return f"{model.model_dump_json(indent=2)}\n".encode()


def _packed(files: Mapping[str, bytes], *, folder: str, at: datetime) -> bytes:
    stream = io.BytesIO()
    archive = PartArchive(stream, folder=folder, modified=at)
    for name, content in sorted(files.items()):
        with archive.entry(name) as entry:
            entry.write(content)
    archive.close()
    return stream.getvalue()
