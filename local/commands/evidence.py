"""`rightsdesk evidence`: fetches the signed evidence of a closed case, or verifies such a bundle offline."""

import argparse
import base64
import hashlib
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from local.commands._arguments import parser, speak
from local.commands._letter_copies import read_copies
from local.commands._signatures import require_evidence_key, signature_fits
from local.commands._staff_calls import add_address, staff_api
from local.running import EXIT_FAILED, EXIT_OK, EXIT_USAGE, RefusedError
from rightsdesk.domain.letters import SALT_HEADER
from rightsdesk.domain.reference import parse_reference
from rightsdesk.export.evidence_verify import EvidenceReport, LetterFinding, verify_evidence

_EXIT_STATUS = (
    "exit status: 0 done, or the evidence is sound; 1 refused, or it is not sound; 2 wrong usage or no such file;\n"
    "3 no stack is running here"
)


_NO_LETTER = {
    "letter_unknown": "is none of the letters of this bundle, or not as it was sent",
    "letter_without_salt": f"has no {SALT_HEADER}, so nothing can be said: export the mail itself, with all headers",
}


def run(argv: Sequence[str]) -> int:
    return _verify(argv[1:]) if argv[:1] == ["verify"] else _fetch(argv)


def _fetch(argv: Sequence[str]) -> int:
    made = parser(
        "evidence",
        "Writes the signed evidence of a closed case into one ZIP: its history, decisions, letters and dates, and no\n"
        "data of the person. `rightsdesk evidence verify BUNDLE` checks such a ZIP, offline; it has its own --help.",
        example="rightsdesk evidence RD-7K3M-9QXD-W -o bundle.zip && rightsdesk evidence verify bundle.zip",
        exit_status=_EXIT_STATUS,
    )
    made.add_argument("reference", type=_reference, help="of the case, as in its letters")
    made.add_argument("-o", "--output", type=Path, metavar="FILE", help="REFERENCE_evidence.zip unless told otherwise")
    add_address(made)
    arguments = made.parse_args(argv)

    def fetch() -> None:
        try:
            answer = json.loads(staff_api(f"/requests/{arguments.reference}/evidence", api=arguments.api))
        except RefusedError as error:
            if '"case_open"' in str(error):
                raise RefusedError(f"{arguments.reference} is still open: evidence is made of closed cases") from error
            raise
        bundle = base64.b64decode(answer["bundle"])
        if hashlib.sha256(bundle).hexdigest() != answer["sha256"]:
            raise RefusedError("the bundle did not arrive as it was sent: try again")
        output = arguments.output or Path(answer["filename"])
        try:
            output.write_bytes(bundle)
        except OSError as error:
            raise RefusedError(f"{output}: {error.strerror}") from error
        told = {key: answer[key] for key in ("reference", "bytes", "sha256")} | {"file": str(output)}
        print(json.dumps(told) if arguments.json else f"{output}  {len(bundle):,} bytes  SHA-256 {answer['sha256']}")

    return speak(fetch)


def _reference(text: str) -> str:
    reference = parse_reference(text)
    if reference is None:
        raise argparse.ArgumentTypeError("not a reference: a character may be mistyped")
    return reference


def _verify(argv: Sequence[str]) -> int:
    """Exit status 0 where the evidence is sound."""
    arguments = _verify_parser().parse_args(argv)
    try:
        key = arguments.key.read_bytes() if arguments.key else None
        if key is not None:
            require_evidence_key(key)
        copies = {name: copy for path in arguments.letter for name, copy in read_copies(path)}
        report = verify_evidence(arguments.bundle, fits=signature_fits, key=key, copies=copies)
    except OSError as error:
        print(f"rightsdesk: {error.filename}: {error.strerror}", file=sys.stderr)
        return EXIT_USAGE
    except ValueError:
        print(f"rightsdesk: {arguments.key}: no public key on P-256 in PEM", file=sys.stderr)
        return EXIT_USAGE
    ok = report.ok and not any(finding.code for finding in report.letters)
    if arguments.json:
        print(json.dumps({"ok": ok, **asdict(report)}, indent=2))
    else:
        _print(report)
    return EXIT_OK if ok else EXIT_FAILED


def _print(report: EvidenceReport) -> None:
    for problem in report.problems:
        print(f"{problem.code:<16}  {problem.path}: {problem.detail}")
    verdict = "sound" if report.ok else f"NOT SOUND: {len(report.problems)} problem(s)"
    print(f"{report.reference or 'no bundle'}  {report.events} events  {verdict}")
    for finding in report.letters:
        print(_sentence(finding))
    if report.key_sha256:
        print(f"SHA-256 of the key  {report.key_sha256}")
    if report.own_key and report.ok:
        print(
            "Only the key in the bundle itself was used: that shows that nothing was changed since, not who signed it. "
            "Check with --key and the public key of the shop."
        )


def _sentence(finding: LetterFinding) -> str:
    if finding.code is not None:
        return f"{finding.code:<20}  {finding.path}: {_NO_LETTER[finding.code]}"
    when = f"sent {finding.sent_at}" if finding.sent_at else "not known to be sent"
    whom = f"{finding.to} {finding.recipient}" if finding.recipient else finding.to
    which = f"{finding.letter}, version {finding.version}, to {whom}, {when}"
    return f"{finding.path}: subject and text are those of {which}"


def _verify_parser() -> argparse.ArgumentParser:
    made = parser(
        "evidence verify",
        "Checks the evidence of a case: the signature, each file against the manifest, the chain of events to its\n"
        "head, the decisions against what an event recorded. Unpacks nothing to the disk and needs no network.\n"
        "With --letter, which may stand several times, also whether a mail is one of the letters: its subject and its\n"
        "plain text, not its HTML.",
        example="rightsdesk evidence verify bundle.zip --key public.pem --letter mail.eml",
        exit_status="exit status: 0 sound, and each mail is a letter of it; 1 it is not; 2 wrong usage or no such file",
    )
    made.add_argument("bundle", type=Path, help="the ZIP")
    made.add_argument("--key", type=Path, metavar="PEM", help="the public key of the shop, which came another way")
    made.add_argument(
        "--letter",
        type=Path,
        action="append",
        default=[],
        metavar="MAIL",
        help="say which letter of the bundle this is: a raw mail (.eml), or what `rightsdesk outbox --json` printed",
    )
    return made
