"""`rightsdesk report`: how well the promises of a month were kept."""

import sys
from collections.abc import Sequence

from local.commands._arguments import parser, speak
from local.commands._staff_calls import add_address, staff_api
from local.commands.register import month


def run(argv: Sequence[str]) -> int:
    made = parser(
        "report",
        "Prints the measures of the requests received in a month: answered within a month, extended, overdue,\n"
        "refused by ground, median and 90th percentile of the days to the answer.",
        example="rightsdesk report --month 2026-10",
    )
    made.add_argument("--month", required=True, type=month, help="2026-10")
    made.add_argument("--svg", action="store_true", help="a plot of the days, as SVG")
    made.add_argument("--language", choices=("en", "ja"), default="en", help="of text and plot (default en)")
    add_address(made)
    arguments = made.parse_args(argv)
    format_ = "json" if arguments.json else "svg" if arguments.svg else "text"

    def fetch() -> None:
        query = f"format={format_}&language={arguments.language}"
        sys.stdout.write(staff_api(f"/reports/{arguments.month}?{query}", api=arguments.api))

    return speak(fetch)
