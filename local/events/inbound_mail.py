"""Amazon SES as it receives mail: what the rules of the active receipt rule set say is done with a mail.

It is written to the bucket, and the topic is told. What comes after that is the way of every notice: topic, queue,
function. SES's word on sender, authenticity, spam and viruses is whatever the caller says.
"""

import json
import random
import re
import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.message import Message
from typing import Any, Final

from local.account import Clients
from local.events.received_mail import ADDRESS, ReceivedMail, addresses, has_virus, read_headers

LIMIT: Final = 40 * 1024 * 1024  # bytes, headers included; SES's
CHECKS: Final = ("spf", "dkim", "dmarc", "spam", "virus")
VERDICTS: Final = ("PASS", "FAIL", "GRAY", "PROCESSING_FAILED", "DISABLED")
MISSING: Final = "MISSING"  # the notification does not speak of the check

_NOBODY: Final = "unreadable@sender.invalid"  # who sent a mail whose From names no address
_DIGITS: Final = "0123456789abcdefghijklmnopqrstuv"
_IDS: Final = random.SystemRandom()


class RefusedMailError(Exception):
    """SES would not have taken this mail; the message says why."""


class MailTooLargeError(RefusedMailError):
    """It is larger than SES takes."""


class WrongFieldError(ValueError):
    """What the caller says of a mail is no address or no verdict. `field` names it."""

    def __init__(self, name: str, message: str) -> None:
        super().__init__(message)
        self.field = name


@dataclass(frozen=True)
class Received:
    """What SES did with a mail: the rules that it followed, and the recipients they are for."""

    message_id: str
    rules: tuple[str, ...] = ()
    recipients: tuple[str, ...] = ()


@dataclass
class _Transaction:
    """One mail as SES took it. `notices` are what the topics were told, by ARN."""

    received: Received
    notices: list[tuple[str, str]] = field(default_factory=list)


class InboundMail:
    def __init__(self, clients: Clients) -> None:
        self._clients = clients
        self._lock = threading.Lock()
        self._taken: dict[str, _Transaction] = {}

    def receive(
        self,
        raw: bytes,
        *,
        sender: str | None = None,
        recipients: Sequence[str] = (),
        verdicts: Mapping[str, str] | None = None,
        message_id: str | None = None,
    ) -> Received:
        """Takes one mail as SES would, and returns at once: the queue and its function follow by themselves.

        `sender` is the envelope's (empty for a notice of the mail system), else the From of the mail. `recipients` are
        the envelope's, else those of To and Cc that a rule is for, else the first address that a rule names. A check
        that `verdicts` does not name is passed, but for a virus that is found. With the `message_id` of a mail that was
        taken before, the same notification is published again, as may happen at AWS: nothing else counts then.

        Raises RefusedMailError, WrongFieldError.
        """
        with self._lock:
            taken = self._taken.get(message_id or "")
        if taken is not None:
            return self._publish(taken)
        if len(raw) > LIMIT:
            raise MailTooLargeError(f"{len(raw)} bytes are more than the {LIMIT} that SES takes")
        said = _checked(verdicts or {})
        rules = self._active_rules()
        headers = read_headers(raw)
        mail = ReceivedMail(
            raw=raw,
            message_id=_new_id() if message_id is None else _plain("message_id", message_id),
            sender=_sender(sender, headers),
            recipients=_recipients(recipients, headers, rules),
            at=datetime.now(UTC),
        )
        taken = self._follow(rules, mail, said)
        with self._lock:
            self._taken[mail.message_id] = taken
        return self._publish(taken)

    def has_received(self, message_id: str | None) -> bool:
        with self._lock:
            return message_id in self._taken

    def _active_rules(self) -> list[dict[str, Any]]:
        active = self._clients("ses").describe_active_receipt_rule_set()
        if "Metadata" not in active:
            raise RefusedMailError("no receipt rule set is active: SES takes no mail")
        return [rule for rule in active.get("Rules", []) if rule.get("Enabled")]

    def _follow(self, rules: Iterable[Mapping[str, Any]], mail: ReceivedMail, said: Mapping[str, str]) -> _Transaction:
        followed: list[str] = []
        matched: list[str] = []
        notices: list[tuple[str, str]] = []
        for rule in rules:
            ours = [address for address in mail.recipients if _is_for(rule, address)]
            if not ours:
                continue
            followed.append(rule["Name"])
            matched += [address for address in ours if address not in matched]
            stopped = False
            for action in rule.get("Actions", []):
                if "S3Action" in action:
                    verdicts = _verdicts(mail, said, scanned=bool(rule.get("ScanEnabled")))
                    notices += self._store(action["S3Action"], mail, ours, verdicts)
                stopped = stopped or "StopAction" in action
            if stopped:
                break
        if not followed:
            raise RefusedMailError(
                f"no rule of the active receipt rule set is for {', '.join(mail.recipients)}: SES would send it back"
            )
        return _Transaction(Received(mail.message_id, tuple(followed), tuple(matched)), notices)

    def _store(
        self, action: Mapping[str, str], mail: ReceivedMail, recipients: list[str], verdicts: Mapping[str, str]
    ) -> list[tuple[str, str]]:
        bucket, prefix = action["BucketName"], action.get("ObjectKeyPrefix", "")
        key, stored = f"{prefix}{mail.message_id}", mail.as_stored(verdicts)
        self._clients("s3").put_object(Bucket=bucket, Key=key, Body=stored)
        if "TopicArn" not in action:
            return []
        done = {"type": "S3", "topicArn": action["TopicArn"], "bucketName": bucket}
        done |= {"objectKeyPrefix": prefix, "objectKey": key}
        notice = mail.notification(stored, recipients=recipients, verdicts=verdicts, action=done)
        return [(action["TopicArn"], json.dumps(notice))]

    def _publish(self, taken: _Transaction) -> Received:
        for topic, message in taken.notices:
            subject = "Amazon SES Email Receipt Notification"
            self._clients("sns").publish(TopicArn=topic, Subject=subject, Message=message)
        return taken.received


def is_for(wanted: str, address: str) -> bool:
    """Whether a recipient of a rule means `address`: an address with its labels, a domain, or (.x) its subdomains."""
    wanted, address = wanted.lower(), address.lower()
    mailbox, _, domain = address.rpartition("@")
    if "@" in wanted:
        return wanted in (address, f"{mailbox.partition('+')[0]}@{domain}")
    return domain.endswith(wanted) if wanted.startswith(".") else domain == wanted


def _is_for(rule: Mapping[str, Any], address: str) -> bool:
    """A rule without recipients is for everybody."""
    wanted = rule.get("Recipients") or []
    return not wanted or any(is_for(one, address) for one in wanted)


def _checked(verdicts: Mapping[str, str]) -> dict[str, str]:
    for check, verdict in verdicts.items():
        if check not in CHECKS:
            raise WrongFieldError(check, f"{check} is no check of SES: {', '.join(CHECKS)}")
        if verdict.upper() not in (*VERDICTS, MISSING):
            allowed = ", ".join((*VERDICTS, MISSING))
            raise WrongFieldError(check, f"{check}: {verdict!r} is no verdict: {allowed}")
    return {check: verdict.upper() for check, verdict in verdicts.items()}


def _verdicts(mail: ReceivedMail, said: Mapping[str, str], *, scanned: bool) -> dict[str, str]:
    """The verdict of each check that SES speaks of. A rule that does not scan leaves spam and virus DISABLED."""
    found = dict.fromkeys(CHECKS, "PASS")
    if not scanned:
        found |= {"spam": "DISABLED", "virus": "DISABLED"}
    elif "virus" not in said and has_virus(mail.raw):
        found["virus"] = "FAIL"
    found |= said
    return {check: verdict for check, verdict in found.items() if verdict != MISSING}


def _sender(given: str | None, headers: Message) -> str:
    if given is None:
        return next(iter(addresses(headers, "From")), _NOBODY)
    plain = given.strip("<> ")
    return _address("from", plain) if plain else ""


def _recipients(given: Sequence[str], headers: Message, rules: Sequence[Mapping[str, Any]]) -> tuple[str, ...]:
    if given:
        return tuple(dict.fromkeys(_address("to", address) for address in given))
    named = dict.fromkeys(addresses(headers, "To", "Cc"))
    ours = tuple(address for address in named if any(_is_for(rule, address) for rule in rules))
    if ours:
        return ours
    of_rules = [wanted for rule in rules for wanted in rule.get("Recipients", []) if "@" in wanted]
    if not of_rules:
        raise WrongFieldError("to", "to: the mail names no recipient that a rule is for, and no rule names an address")
    return (of_rules[0],)


def _address(name: str, given: str) -> str:
    if not ADDRESS.fullmatch(given):
        raise WrongFieldError(name, f"{name}: {given!r} is no address")
    return given


def _plain(name: str, given: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9_-]{1,100}", given):
        raise WrongFieldError(name, f"{name}: letters, digits, - and _, 100 at most")
    return given


def _new_id() -> str:
    return "".join(_IDS.choices(_DIGITS, k=40))
