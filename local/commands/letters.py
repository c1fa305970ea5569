"""`rightsdesk letters`: lints the merchant's letters, shows one with made-up values, lists them."""

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from local.commands._arguments import SHIPPED_MERCHANT
from local.running import EXIT_FAILED, EXIT_OK
from rightsdesk.adapters.merchant_files import read_merchant_file
from rightsdesk.domain.errors import MerchantFileError
from rightsdesk.domain.letters import Letter, OutgoingMail
from rightsdesk.domain.merchant import MerchantProfile
from rightsdesk.domain.request import Language
from rightsdesk.mail.letters import MerchantLetters
from rightsdesk.mail.lint import lint_letters
from rightsdesk.mail.requirements import REQUIREMENTS
from rightsdesk.mail.samples import sample_values


def run(argv: Sequence[str]) -> int:
    """Exit status 0 where the letters are right."""
    arguments = _parser().parse_args(argv)
    if arguments.verb == "list":
        return list_letters(as_json=arguments.json)
    try:
        merchant = read_merchant_file(arguments.folder / "merchant.yaml", MerchantProfile)
        if arguments.verb == "lint":
            return lint(arguments.folder, merchant, as_json=arguments.json)
        return preview(arguments, merchant)
    except MerchantFileError as error:
        print(error, file=sys.stderr)
        return EXIT_FAILED


def lint(folder: Path, merchant: MerchantProfile, *, as_json: bool = False) -> int:
    """Print what is wrong with the letters, each with its file and line."""
    findings = lint_letters(folder, merchant)
    if as_json:
        print(json.dumps({"right": not findings, "findings": [asdict(each) for each in findings]}, indent=2))
    elif findings:
        print(*(f"letters/{finding}" for finding in findings), sep="\n")
    else:
        print(f"{len(Letter)} letters in each language hold what the law wants")
    return EXIT_FAILED if findings else EXIT_OK


def preview(arguments: argparse.Namespace, merchant: MerchantProfile) -> int:
    """Print one letter as it goes out, with made-up values. Raises MerchantFileError where it would not go out."""
    letter, language = Letter(arguments.letter), arguments.language
    press = MerchantLetters(arguments.folder, merchant)
    mail = press.print(letter, language, sample_values(letter, language), to="nobody@example.com")
    if arguments.html:
        print(mail.html, end="")
    elif arguments.json:
        print(json.dumps(_as_document(mail), indent=2, ensure_ascii=False))
    else:
        print(f"Subject: {mail.subject}\n\n{mail.text}", end="")
    return EXIT_OK


def list_letters(*, as_json: bool = False) -> int:
    """Print every letter: who reads it, and what it must hold."""
    if as_json:
        documents = [
            {"letter": letter, "reader": rules.reader, "variables": sorted(rules.variables)}
            for letter, rules in REQUIREMENTS.items()
        ]
        print(json.dumps(documents, indent=2))
        return EXIT_OK
    print(f"{'letter':<24}{'read by':<11}holds")
    for letter, rules in REQUIREMENTS.items():
        held = sorted(rules.required | rules.optional | rules.flags | rules.sentences.keys())
        print(f"{letter:<24}{rules.reader:<11}{' '.join(held)}")
    return EXIT_OK


def _as_document(mail: OutgoingMail) -> dict[str, str]:
    return {"subject": mail.subject, "text": mail.text, "html": mail.html}


def _parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(
        prog="rightsdesk letters",
        description="The letters that a merchant may edit; docs/letters.md explains them.",
        epilog="example:\n  rightsdesk letters lint\n  rightsdesk letters preview refused --language ja\n\n"
        "exit status: 0 right, 1 not (each mistake with its file and line), 2 wrong usage",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    verbs = made.add_subparsers(dest="verb", required=True)
    linting = verbs.add_parser("lint", help="say what is wrong with the letters, each with its file and line")
    showing = verbs.add_parser("preview", help="print one letter as it goes out, with made-up values")
    listing = verbs.add_parser("list", help="print every letter, who reads it, and the variables that it has")
    showing.add_argument("letter", metavar="NAME", choices=[str(letter) for letter in Letter], help="see `list`")
    languages: tuple[Language, ...] = ("en", "ja")
    showing.add_argument("--language", choices=languages, default="en", help="of the letter")
    showing.add_argument("--html", action="store_true", help="print the HTML")
    for verb in (linting, showing):
        verb.add_argument(
            "--folder", type=Path, default=SHIPPED_MERCHANT, help="a merchant's folder, with letters/ in it"
        )
    for verb in (linting, showing, listing):
        verb.add_argument("--json", action="store_true", help="print one JSON document")
    return made
