"""`rightsdesk deadline`: when an answer is due, and why, without a stack or an account."""

import argparse
import json
from collections.abc import Sequence
from datetime import date, datetime

from rightsdesk.law.applicability import Law
from rightsdesk.law.countries import ELSEWHERE
from rightsdesk.law.deadlines import Deadlines
from rightsdesk.law.explanation import Step, StepCode
from rightsdesk.law.periods import compute_deadlines
from rightsdesk.law.rules import RULES
from rightsdesk.law.suspension import Suspension

EXIT_OK = 0
EXIT_USAGE = 2

SENTENCES = {
    StepCode.LAWS_APPLY: "Law for a subject in {country} and a controller in {controller_country}: {laws}.",
    StepCode.EARLIER_ZONE: "Received on {received_on} in {zone}, {later_on} in {later_zone}: the earlier date holds.",
    StepCode.RECEIPT_NOT_COUNTED: "The day of receipt, {received_on}, is not counted.",
    StepCode.MONTHS: "The period of {months} from receipt ends on {nominal_on}.",
    StepCode.LAST_DAY_OF_MONTH: "That month has no day {day}: its last day, {nominal_on}, ends the period.",
    StepCode.EXTENDED_FROM_RECEIPT: "Extended: counted again from receipt on {received_on}, to {nominal_on}.",
    StepCode.SUSPENSION_ENDED: "The question of {asked_on} was answered on {answered_on}.",
    StepCode.SUSPENDED: "Suspended for {days}: the end of the period moves from {nominal_on} to {ends_on}.",
    StepCode.SUSPENSION_OPEN: "The question of {asked_on} has no answer yet.",
    StepCode.SUSPENSION_TOO_LATE: "The question of {asked_on} came after {latest} and suspends nothing.",
    StepCode.SUSPENSION_WITHOUT_GROUND: "The question of {asked_on} was for neither identity nor clarification.",
    StepCode.ROLLED_FORWARD: "{ends_on} is a Saturday, Sunday or holiday in {country}: moved to {due_on}.",
    StepCode.HOLIDAYS_OF: "Holidays are the nation-wide ones of {country}.",
    StepCode.EXTENSION_POSSIBLE: "An extension, told by {notice_due_on}, would lead to {extended_due_on}.",
    StepCode.REFUSAL_NOTICE: "A refusal is told by {notice_due_on}.",
    StepCode.TARGET: "Target: {working_days} working days in {countries} before {nominal_on}, {target_on}.",
    StepCode.WITHOUT_DELAY: "The Act asks for an answer without delay and names no number of days.",
    StepCode.TWO_WEEKS: "{days} after arrival, when the subject may sue under articles 33 to 35, is {nominal_on}.",
    StepCode.ROLLED_BACK: "{nominal_on} is a day of rest in {country}: moved back to {target_on}.",
    StepCode.PROGRESS_NOTICE: "Without an answer by then, a progress notice is sent by {notice_due_on}.",
    StepCode.STRICTER_TARGET: "Of two targets the earlier holds: {target_on} ({law}).",
    StepCode.EXTENSION_IS_PROGRESS_NOTICE: "The letter of extension is the progress notice too.",
    StepCode.PROMPTLY: "The Act asks for a prompt handling and names no number of days.",
    StepCode.WORKING_DAYS: "{working_days} working days in {countries} after {received_on}: {due_on}.",
}
_DATES = (
    "received_on",
    "nominal_on",
    "due_on",
    "conservative_due_on",
    "extended_due_on",
    "extension_notice_due_on",
    "refusal_notice_due_on",
    "progress_notice_due_on",
    "target_on",
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of the command."""
    parser.description = "When an answer is due under the GDPR or the APPI, and why."
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.epilog = (
        "example:\n"
        "  rightsdesk deadline --law gdpr --country DE --received 2026-01-31\n"
        "  rightsdesk deadline --law gdpr --country FR --received 2026-03-05 --suspended 2026-03-09/2026-03-20 --json\n"
        "\nexit status: 0 computed, 2 the arguments make no sense"
    )
    parser.add_argument(
        "--law",
        choices=["gdpr", "appi", "auto"],
        default="auto",
        help="one law, or (default) the laws that apply to a subject of a controller in Japan",
    )
    parser.add_argument("--country", required=True, metavar="CC", help="where the subject lives, such as DE or JP")
    parser.add_argument(
        "--received",
        required=True,
        type=_day_or_moment,
        metavar="WHEN",
        help="local day, or moment with an offset such as 2026-02-27T16:00Z",
    )
    parser.add_argument(
        "--suspended",
        action="append",
        default=[],
        type=_suspension,
        metavar="ASKED/ANSWERED",
        help="two days between which the subject was asked for identity or clarification; may be repeated",
    )
    parser.add_argument("--extended", action="store_true", help="the subject was told of an extension in time")
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def execute(arguments: argparse.Namespace) -> int:
    """Compute and print. Raises ValueError with a sentence where the arguments make no sense together."""
    country = arguments.country.upper()
    if country == ELSEWHERE:
        raise ValueError("name the country: elsewhere is a choice on the pages only")
    deadlines = compute_deadlines(
        arguments.received,
        country,
        laws=None if arguments.law == "auto" else (Law(arguments.law),),
        suspensions=arguments.suspended,
        extended=arguments.extended,
    )
    print(_as_json(deadlines) if arguments.json else _as_text(deadlines))
    return EXIT_OK


def run(argv: Sequence[str]) -> int:
    """The command as a program: parse, compute, print. Returns the exit status."""
    parser = argparse.ArgumentParser(prog="rightsdesk deadline")
    add_arguments(parser)
    arguments = parser.parse_args(argv)
    try:
        return execute(arguments)
    except ValueError as error:
        parser.error(str(error))


def sentence(step: Step) -> str:
    """The step in English."""
    counted = {
        name: f"{count} {unit}" if count == 1 else f"{count} {unit}s"
        for name, unit in (("months", "month"), ("days", "day"))
        if (count := step.parameters.get(name)) is not None
    }
    return SENTENCES[step.code].format_map(step.parameters | counted)


def _as_json(deadlines: Deadlines) -> str:
    document = deadlines.model_dump(mode="json")
    document["why"] = [
        {**each, "text": sentence(step)} for each, step in zip(document["why"], deadlines.why, strict=True)
    ]
    document["sources"] = {rule: RULES[rule].source for rule in deadlines.rules}
    return json.dumps(document, indent=2, ensure_ascii=False)


def _as_text(deadlines: Deadlines) -> str:
    dates = ((name, getattr(deadlines, name)) for name in _DATES)
    lines = [f"{name:<24}{day:%Y-%m-%d %a}" for name, day in dates if day is not None]
    lines += ["", "why", *(f"  {sentence(step)} [{step.rule}]" for step in deadlines.why)]
    lines += ["", "sources", *(f"  {rule:<22}{RULES[rule].source}" for rule in deadlines.rules)]
    return "\n".join(lines)


def _day_or_moment(text: str) -> date | datetime:
    try:
        return date.fromisoformat(text) if len(text) <= len("2026-01-31") else datetime.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is neither a day nor a moment in ISO 8601") from None


def _suspension(text: str) -> Suspension:
    asked, _, answered = text.partition("/")
    try:
        return Suspension(asked_on=date.fromisoformat(asked), answered_on=date.fromisoformat(answered))
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not ASKED/ANSWERED, two days in this order") from None
