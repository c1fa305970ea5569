"""`rightsdesk outbox`: shows the mails that the running stack has sent."""

import json
from collections.abc import Sequence

from local.commands._arguments import parser, speak
from local.running import RunningStack


def run(argv: Sequence[str]) -> int:
    made = parser(
        "outbox",
        "Shows the mails that went out, oldest first. They left this machine for nowhere.",
        example="rightsdesk outbox --to hanako@example.jp --last",
    )
    made.add_argument("--to", metavar="ADDRESS", help="only mails to this address")
    made.add_argument("--last", action="store_true", help="only the last one")
    arguments = made.parse_args(argv)

    def show() -> None:
        mails = RunningStack.find().get("outbox")
        if arguments.to is not None:
            mails = [mail for mail in mails if arguments.to in mail["to"].split(", ")]
        mails = mails[-1:] if arguments.last else mails
        if arguments.json:
            print(json.dumps(mails, ensure_ascii=False, indent=2))
            return
        for mail in mails:
            print(f"To: {mail['to']}\nSubject: {mail['subject']}\nSent: {mail['sent_at']}\n\n{mail['text']}\n")
        if not mails:
            print("No mail has gone out yet.")

    return speak(show)
