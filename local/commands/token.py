"""`rightsdesk token`: logs a member of staff in and prints the token for the staff API of the running stack."""

import json
from collections.abc import Sequence

from local.commands._arguments import parser, speak
from local.running import RunningStack


def run(argv: Sequence[str]) -> int:
    made = parser(
        "token",
        "Logs a member of staff in and prints the ID token, to be sent as `Authorization: Bearer TOKEN`.\n"
        "There are handler@, approver@, auditor@ and admin@shop.example, each in the group of that name.",
        example='curl -H "Authorization: Bearer $(rightsdesk token)" http://127.0.0.1:8080/staff/requests',
    )
    made.add_argument("--user", default="handler@shop.example", help="whose (default handler@shop.example)")
    arguments = made.parse_args(argv)

    def log_in() -> None:
        answer = RunningStack.find().post("token", {"user": arguments.user})
        print(json.dumps(answer) if arguments.json else answer["token"])

    return speak(log_in)
