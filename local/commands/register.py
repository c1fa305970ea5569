"""`rightsdesk register`: the register of requests, as CSV or JSON."""

import re
import sys
from collections.abc import Sequence

from local.commands._arguments import parser, speak
from local.commands._staff_calls import add_address, staff_api


def run(argv: Sequence[str]) -> int:
    made = parser(
        "register",
        "Prints the register: a row for each request received in these months, with dates, codes and ids,\n"
        "and nobody's name. CSV is safe to open in a spreadsheet.",
        example="rightsdesk register --from 2026-09 --to 2026-10 > register.csv",
    )
    made.add_argument("--from", dest="first", required=True, metavar="MONTH", type=month, help="2026-09")
    made.add_argument("--to", dest="last", metavar="MONTH", type=month, help="the same month unless told otherwise")
    add_address(made)
    arguments = made.parse_args(argv)
    format_ = "json" if arguments.json else "csv"

    def fetch() -> None:
        query = f"from={arguments.first}&to={arguments.last or arguments.first}&format={format_}"
        sys.stdout.write(staff_api(f"/register?{query}", api=arguments.api))

    return speak(fetch)


def month(text: str) -> str:
    """`2026-10`."""
    if not re.fullmatch(r"20[0-9]{2}-(0[1-9]|1[0-2])", text):
        raise ValueError("not a month")
    return text
