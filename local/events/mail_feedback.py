"""What Amazon SES would say of each mail that "went out": an event, to the destinations of its configuration set.

Every mail arrives, but for the addresses of AWS's mailbox simulator, which mean here what they mean there, with or
without a label: `bounce+anything@simulator.amazonses.com`. One thing is different: what bounces for good or complains
is put on the suppression list, if the configuration set says so, as at AWS any address is but the simulator's.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from email.utils import parseaddr
from typing import Any, Final

from moto.ses.models import ses_backends

from local.account import ACCOUNT, REGION, Clients
from local.deployment import MailEvents
from local.lambdas import Functions

Outcome = tuple[str, dict[str, Any]]  # type of the event, what its section says

_SIMULATOR: Final = "simulator.amazonses.com"
_ARRIVED: Final[Outcome] = ("Delivery", {"processingTimeMillis": 500, "smtpResponse": "250 ok"})


def _bounce(kind: str, subtype: str) -> Outcome:
    return "Bounce", {"bounceType": kind, "bounceSubType": subtype, "feedbackId": "local"}


_COMPLAINT: Final[Outcome] = ("Complaint", {"complaintFeedbackType": "abuse", "feedbackId": "local"})
_ON_THE_LIST: Final[Outcome] = _bounce("Permanent", "OnAccountSuppressionList")
_OUTCOMES: Final = {
    "bounce": [_bounce("Permanent", "General")],
    "suppressionlist": [_bounce("Permanent", "Suppressed")],
    "complaint": [_ARRIVED, _COMPLAINT],
    "ooto": [_ARRIVED, _bounce("Transient", "General")],  # an automatic answer is a bounce to SES
}


def outcomes_of(address: str) -> list[Outcome]:
    """What becomes of a mail to `address`, in the order of time."""
    mailbox, _, domain = parseaddr(address)[1].rpartition("@")
    name = mailbox.partition("+")[0].lower()
    return _OUTCOMES.get(name, [_ARRIVED]) if domain.lower() == _SIMULATOR else [_ARRIVED]


class MailFeedback:
    """Publishes events about mails in the order in which they were sent. `moto_fixes` keeps what SendEmail was told.

    A complaint or an automatic answer comes when what was said before has been heard. `suppression` says for each
    configuration set what brings an address on the list of those that get no more mail: BOUNCE, COMPLAINT.
    """

    def __init__(
        self,
        destinations: Sequence[MailEvents],
        *,
        suppression: Mapping[str, frozenset[str]],
        functions: Functions,
        clients: Clients,
    ) -> None:
        self._destinations = destinations
        self._suppression = suppression
        self._functions = functions
        self._clients = clients
        self._read = 0
        self._later: list[tuple[Any, Outcome]] = []
        self._suppressed: dict[str, str] = {}

    @property
    def suppressed(self) -> dict[str, str]:
        """The addresses on the list, each with the reason that brought it there."""
        return dict(self._suppressed)

    def lift(self, address: str) -> bool:
        """Takes an address off the list; false where it is not on it."""
        return self._suppressed.pop(_plain(address), None) is not None

    def turn(self) -> int:
        """How many events were published."""
        now: list[tuple[Any, Outcome]] = []
        if self._functions.idle:
            now, self._later = self._later, now
        for message in ses_backends[ACCOUNT][REGION].sent_messages[self._read :]:
            if not hasattr(message, "sent_with"):
                break  # it is being sent at this moment
            self._read += 1
            first, *others = self._outcomes(message)
            now.append((message, first))
            self._later += [(message, outcome) for outcome in others]
        for message, (kind, section) in now:
            self._publish(message, kind, section)
        return len(now)

    def _outcomes(self, message: Any) -> list[Outcome]:
        address = message.destinations[0]
        reasons = self._suppression.get(_configuration_set(message), frozenset())
        return [_ON_THE_LIST] if self._suppressed.get(_plain(address)) in reasons else outcomes_of(address)

    def _suppress(self, message: Any, kind: str, section: dict[str, Any]) -> None:
        reason = kind.upper()
        final = kind == "Complaint" or section.get("bounceType") == "Permanent"
        if final and reason in self._suppression.get(_configuration_set(message), frozenset()):
            self._suppressed.setdefault(_plain(message.destinations[0]), reason)

    def _publish(self, message: Any, kind: str, section: dict[str, Any]) -> None:
        self._suppress(message, kind, section)
        configuration_set = _configuration_set(message)
        event = json.dumps(_event(message, kind, section))
        for destination in self._destinations:
            if destination.configuration_set == configuration_set and kind.lower() in destination.kinds:
                self._clients("sns").publish(
                    TopicArn=destination.topic, Subject="Amazon SES Email Event Notification", Message=event
                )


def _plain(address: str) -> str:
    return parseaddr(address)[1].lower()


def _configuration_set(message: Any) -> str:
    return str(message.sent_with.get("ConfigurationSetName"))


def _event(message: Any, kind: str, section: dict[str, Any]) -> dict[str, Any]:
    now = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    recipients = [parseaddr(address)[1] for address in message.destinations[:1]]
    named: dict[str, dict[str, Any]] = {
        "Delivery": {"recipients": recipients},
        "Bounce": {"bouncedRecipients": [{"emailAddress": address} for address in recipients]},
        "Complaint": {"complainedRecipients": [{"emailAddress": address} for address in recipients]},
    }
    tags = {tag["Name"]: [tag["Value"]] for tag in message.sent_with.get("EmailTags", [])}
    return {
        "eventType": kind,
        "mail": {
            "timestamp": now,
            "source": message.source,
            "sendingAccountId": ACCOUNT,
            "messageId": message.id,
            "destination": recipients,
            "tags": {"ses:configuration-set": [_configuration_set(message)], **tags},
        },
        kind.lower(): {"timestamp": now, **named[kind], **section},
    }
