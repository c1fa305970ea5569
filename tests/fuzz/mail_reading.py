"""Look for bytes that `read_mail` fails on, led by what code they reach. Not part of the everyday tests: it never ends.

It needs atheris, which is not among the requirements, and a Python that atheris has wheels for:

    python -m venv /tmp/fuzz
    /tmp/fuzz/bin/pip install atheris --requirement requirements/runtime.txt
    PYTHONPATH=layers/core/python:. /tmp/fuzz/bin/python tests/fuzz/mail_reading.py -max_total_time=120 \\
        -timeout=10 -rss_limit_mb=2048 FOLDER tests/data/mail/hostile

What it learns goes to FOLDER; bytes that fail are written to `crash-*`, and belong into tests/data/mail/hostile.
"""

import sys

import atheris

with atheris.instrument_imports(include=["rightsdesk.mail.reading"]):
    from rightsdesk.domain.incoming_mail import MailFlag
    from rightsdesk.mail.reading.automatic import automatic_reasons
    from rightsdesk.mail.reading.read import read_mail

from tests.support.hostile_mails import assert_can_be_kept


def read(raw: bytes) -> None:
    mail = read_mail(raw)
    assert MailFlag.UNREADABLE not in mail.flags
    assert_can_be_kept(mail)
    automatic_reasons(mail, None, own_addresses=("privacy@shop.example",))


def main() -> None:
    atheris.Setup(sys.argv, read)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
