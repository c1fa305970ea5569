"""`rightsdesk mail`: delivers mails to the running stack, and switches on mail that comes in."""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from local.commands._arguments import EXIT_STATUS, parser, speak
from local.running import RefusedError, RunningStack

CHECKS = ("spf", "dkim", "dmarc", "spam", "virus")  # events/inbound_mail imports what --help need not wait for
RULE_SET = "rightsdesk"  # as the template has it


def run(argv: Sequence[str]) -> int:
    """A file that is called `activate` or `suppressed` is given as ./activate."""
    match list(argv):
        case ["activate", *rest]:
            return _activate(rest)
        case ["suppressed", *rest]:
            return _suppressed(rest)
        case _:
            return _deliver(argv)


def _deliver(argv: Sequence[str]) -> int:
    made = parser(
        "mail",
        "Delivers files to the running stack, each as Amazon SES would receive it.\n"
        "Two more: `rightsdesk mail activate` makes the receipt rule set the active one, here or at AWS;\n"
        "`rightsdesk mail suppressed` shows the addresses that get no more mail here. Each has --help.",
        example="rightsdesk mail events/mail/access-en.eml --dmarc FAIL",
        exit_status="exit status: 0 done, 1 SES would have sent it back, 2 wrong usage, 3 no stack is running here",
    )
    made.add_argument("files", nargs="+", type=_file, metavar="FILE", help="a mail as it goes over the wire (.eml)")
    made.add_argument("--from", dest="sender", metavar="ADDRESS", help='of the envelope; "" for a bounce (its From)')
    made.add_argument(
        "--to", action="append", default=[], metavar="ADDRESS", help="of the envelope, several times if need be"
    )
    for check in CHECKS:
        words = "PASS, FAIL, GRAY, PROCESSING_FAILED, DISABLED or MISSING"
        made.add_argument(f"--{check}", metavar="VERDICT", help=f"{words} (PASS)")
    arguments = made.parse_args(argv)
    envelope = [("to", address) for address in arguments.to]
    envelope += [(check, verdict) for check in CHECKS if (verdict := getattr(arguments, check)) is not None]
    if arguments.sender is not None:
        envelope.append(("from", arguments.sender))

    def deliver() -> None:
        stack = RunningStack.find()
        answers = []
        for file in arguments.files:
            try:
                answer = stack.post_bytes(f"mail?{urlencode(envelope)}", file.read_bytes())
            except RefusedError as error:
                raise RefusedError(f"{file}: {error}") from error
            answers.append({"file": str(file), **answer})
            if not arguments.json:
                print(f"{file}: {answer['message_id']} for {', '.join(answer['recipients'])}")
        if arguments.json:
            print(json.dumps(answers, ensure_ascii=False, indent=2))

    return speak(deliver)


def _file(name: str) -> Path:
    if not Path(name).is_file():
        raise argparse.ArgumentTypeError(f"there is no file {name}")
    return Path(name)


def _activate(argv: Sequence[str]) -> int:
    made = parser(
        "mail activate",
        "Makes a receipt rule set the active one, at AWS with your own credentials, or in the running stack.\n"
        "One alone can be active in an account and region: another one is never replaced.",
        example="rightsdesk mail activate --rule-set rightsdesk --region eu-west-1",
        exit_status="exit status: 0 it is active, 1 it is not, 2 wrong usage, 3 no stack is running here (--local)",
    )
    made.add_argument("--rule-set", default=RULE_SET, metavar="NAME", help=f"ReceiptRuleSet (default {RULE_SET})")
    made.add_argument("--region", help="of AWS; else that of your profile")
    made.add_argument("--profile", help="of your AWS configuration")
    made.add_argument("--local", action="store_true", help="in the stack that runs here, not at AWS")
    arguments = made.parse_args(argv)

    def activate() -> None:
        from botocore.exceptions import BotoCoreError, ClientError

        from local.receipt_rules import ActivationError
        from local.receipt_rules import activate as make_active

        try:
            ses = _local_ses() if arguments.local else _ses(arguments.region, arguments.profile)
            changed = make_active(ses, arguments.rule_set)
        except (ActivationError, BotoCoreError, ClientError) as error:
            raise RefusedError(str(error)) from error
        if arguments.json:
            print(json.dumps({"rule_set": arguments.rule_set, "changed": changed}))
        else:
            print(f"the receipt rule set {arguments.rule_set} is {'now' if changed else 'already'} the active one")

    return speak(activate)


def _ses(region: str | None, profile: str | None) -> Any:
    import boto3

    return boto3.Session(region_name=region, profile_name=profile).client("ses")


def _local_ses() -> Any:
    import boto3

    from local.account import REGION

    endpoint = RunningStack.find().get("health")["aws_endpoint"]
    return boto3.client(
        "ses",
        endpoint_url=endpoint,
        region_name=REGION,
        aws_access_key_id="local",
        aws_secret_access_key="local",  # noqa: S106 - nobody checks it there
    )


def _suppressed(argv: Sequence[str]) -> int:
    made = parser(
        "mail suppressed",
        "Shows the suppression list of the running stack: addresses that bounced or complained, and get no more mail.",
        example="rightsdesk mail suppressed --lift bounce+jane@simulator.amazonses.com",
        exit_status=EXIT_STATUS,
    )
    made.add_argument("--lift", metavar="ADDRESS", help="take this address off the list first")
    arguments = made.parse_args(argv)

    def show() -> None:
        stack = RunningStack.find()
        if arguments.lift is not None:
            listed = stack.post("suppressed", {"lift": arguments.lift})
        else:
            listed = stack.get("suppressed")
        if arguments.json:
            print(json.dumps(listed, indent=2))
            return
        for address, reason in listed.items():
            print(f"{address}  {reason}")
        if not listed:
            print("No address is suppressed.", file=sys.stderr)

    return speak(show)
