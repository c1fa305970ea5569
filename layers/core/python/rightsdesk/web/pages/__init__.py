"""The pages, each in a module of its own, and their addresses below the language."""

from typing import Any

from rightsdesk.web.pages import (
    accessibility,
    agent,
    answer,
    check_your_answers,
    confirm,
    download,
    erasure,
    evidence,
    for_whom,
    message,
    my_request,
    not_mine,
    notice,
    open_request,
    question,
    sent,
    start,
    status,
    withdraw,
)
from rightsdesk.web.visit import Page

START: Page[Any] = start.PAGE

PAGES: dict[str, Page[Any]] = {
    "for-whom": for_whom.PAGE,
    "who-you-are": question.WHO_YOU_ARE,
    "your-request": question.YOUR_REQUEST,
    "what-exactly": question.WHAT_EXACTLY,
    "where-you-live": question.WHERE_YOU_LIVE,
    "your-region": question.YOUR_REGION,
    "your-details": question.YOUR_DETAILS,
    "check-your-answers": check_your_answers.PAGE,
    "sent": sent.PAGE,
    "my-request": my_request.PAGE,
    "accessibility": accessibility.PAGE,
}

# What a recipient of data is told: /{lang}/notices/{token}
NOTICE: Page[Any] = notice.PAGE

# Of a mailbox that did not ask: /{lang}/not-mine/{token}
NOT_MINE: Page[Any] = not_mine.PAGE

# One request: /{lang}/requests/{reference}, and below it
REQUEST: Page[Any] = status.PAGE
REQUEST_PAGES: dict[str, Page[Any]] = {
    "confirm": confirm.PAGE,
    "confirmed": confirm.CONFIRMED,
    "resend": confirm.RESEND,
    "code": open_request.CODE,
    "leave": open_request.LEAVE,
    "evidence": evidence.PAGE,
    "agent": agent.PAGE,
    "answer": answer.PAGE,
    "message": message.PAGE,
    "download": download.PAGE,
    "erasure": erasure.PAGE,
    "withdraw": withdraw.PAGE,
}
