"""`rightsdesk export`: verifies a downloaded package, offline, and names every file that is not as it was."""

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from local.running import EXIT_FAILED, EXIT_OK, EXIT_USAGE
from rightsdesk.export.verify import VerificationReport, verify_package


def run(argv: Sequence[str]) -> int:
    """Exit status 0 where the package is whole and unchanged."""
    return verify_command(_parser().parse_args(argv))


def verify_command(arguments: argparse.Namespace) -> int:
    """Checks `arguments.file` and the other parts beside it, and prints what is wrong (`json`: one document)."""
    try:
        report = verify_package(arguments.file, expected_manifest_sha256=arguments.manifest)
    except OSError as error:
        print(f"rightsdesk: {arguments.file}: {error.strerror}", file=sys.stderr)
        return EXIT_USAGE
    if arguments.json:
        print(json.dumps({"ok": report.ok, **asdict(report)}, indent=2))
    else:
        _print(report)
    return EXIT_OK if report.ok else EXIT_FAILED


def _print(report: VerificationReport) -> None:
    for problem in report.problems:
        print(f"{problem.code:<16}  {problem.path}: {problem.detail}")
    verdict = "whole and unchanged" if report.ok else f"NOT AS IT WAS: {len(report.problems)} problem(s)"
    parts = f"{len(report.parts)} part(s), " if len(report.parts) > 1 else ""
    print(f"{report.reference or 'no package'}  {parts}{report.files} files, {report.bytes:,} bytes  {verdict}")
    if report.manifest_sha256:
        print(f"SHA-256 of the manifest  {report.manifest_sha256}")


def _parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(
        prog="rightsdesk export",
        description="Checks the package that a person downloaded: each file against the manifest, the list of sums,\n"
        "names, and other parts beside it. Unpacks nothing to the disk and needs no network.",
        epilog="example:\n  rightsdesk export verify RD-7K3M-9QXD-W_2026-10-03.zip\n\n"
        "exit status: 0 whole and unchanged, 1 it is not, 2 wrong usage or no such file",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    verbs = made.add_subparsers(dest="verb", required=True)
    verify = verbs.add_parser("verify", help="check a package and name what is wrong with it")
    verify.add_argument("file", type=Path, help="a part of the package; the others are looked for beside it")
    verify.add_argument("--manifest", metavar="SHA256", help="what the manifest of the first part must hash to")
    verify.add_argument("--json", action="store_true", help="print one JSON document")
    return made
