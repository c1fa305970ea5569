"""A controller that sells through us hands on what a person asked of it, over OpenDSR: we are its processor.

Who may do so stands in `layers/merchant/opendsr.yaml`. What comes is a request as from any door: the person still has
to show that the mailbox is theirs, for a controller that errs, or was deceived, would else decide about anybody's data.
"""

# serves: E-00, E-02, E-04, E-07, T-2

import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Annotated

from pydantic import Field, StringConstraints

from rightsdesk.domain.address import canonical_address, deliverable_address
from rightsdesk.domain.errors import ConflictError, InvalidInputError, NotAuthenticatedError, OutboundRefusedError
from rightsdesk.domain.fields import Entry, Label, Name
from rightsdesk.domain.lifecycle import Outcome, Status
from rightsdesk.domain.opendsr import Extensions, OpenDsrRequest, OpenDsrStatus, OpenDsrType
from rightsdesk.domain.opendsr_identities import IdentityFormat, IdentityType
from rightsdesk.domain.outbound import target_of
from rightsdesk.domain.request import (
    Country,
    Door,
    Instruction,
    Language,
    PrivacyRequest,
    RequestType,
    Submission,
)

# A controller may have the request for a while, and our clock still runs from when the person asked. It does not run
# from before that: a wrong time would make a request late on the day it comes.
LONGEST_ON_THE_WAY = timedelta(days=14)
_SHORTEST_KEY = 32  # characters: it is random, so that a plain digest of it can stand in a file

Domain = Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]+(\.[a-z0-9-]+)+$", max_length=253)]


class Controller(Entry):
    """Who may hand requests on. `credential`: SHA-256 of its API key, in hex. It is called back at `domain` alone.

    `country` and `language` are taken for those of the person: OpenDSR says neither. Staff can correct the country.
    """

    label: Label
    domain: Domain
    credential: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
    country: Country
    language: Language = "en"


class OpenDsrProfile(Entry):
    """`opendsr.yaml`. `domain`: ours, which our certificate is for. None: we take no requests over OpenDSR."""

    domain: Domain | None = None
    controllers: dict[Name, Controller] = Field(default_factory=dict)

    def admitted(self, key: str) -> str:
        """The name of the controller whose key this is. Raises NotAuthenticatedError."""
        digest = hashlib.sha256(key.encode()).hexdigest()
        found = [
            name
            for name, controller in self.controllers.items()
            if hmac.compare_digest(controller.credential, digest) and len(key) >= _SHORTEST_KEY
        ]
        if len(found) != 1:
            raise NotAuthenticatedError
        return found[0]


TYPES: Mapping[OpenDsrType, RequestType] = {
    OpenDsrType.ACCESS: RequestType.ACCESS,
    OpenDsrType.PORTABILITY: RequestType.PORTABILITY,
    OpenDsrType.ERASURE: RequestType.ERASURE,
}
_STATUSES = {
    Status.RECEIVED: OpenDsrStatus.PENDING,
    Status.AWAITING_VERIFICATION: OpenDsrStatus.PENDING,
    Status.VERIFIED: OpenDsrStatus.PENDING,
}
_COMPLETED = frozenset({Outcome.FULFILLED, Outcome.PARTIALLY_FULFILLED})


def request_id_of(controller: str, subject_request_id: str) -> str:
    """The id of the case that this request of this controller becomes: sent twice, it is one. No other can name it."""
    return hashlib.sha256(f"opendsr:{controller}:{subject_request_id}".encode()).hexdigest()[:32]


def submission_of(request: OpenDsrRequest, controller: Controller) -> Submission:
    """What the form would have handed in. Raises InvalidInputError on the identity that can't be followed."""
    for number, identity in enumerate(request.subject_identities):
        place = f"subject_identities.{number}"
        if identity.identity_type is not IdentityType.EMAIL:
            raise InvalidInputError.of(f"{place}.identity_type", "not_supported")
        if identity.identity_format is not IdentityFormat.RAW:
            raise InvalidInputError.of(f"{place}.identity_format", "not_supported")
        if canonical_address(identity.identity_value) is None:
            raise InvalidInputError.of(f"{place}.identity_value", "not_an_address")
    addresses = {canonical_address(identity.identity_value) for identity in request.subject_identities}
    if len(addresses) != 1:
        raise InvalidInputError.of("subject_identities", "too_many" if addresses else "missing")
    address = request.subject_identities[0].identity_value
    return Submission(
        types=(TYPES[request.subject_request_type],),
        email=address,
        name=deliverable_address(address).rpartition("@")[0][:200],
        country=controller.country,
        language=controller.language,
        door=Door.OPENDSR,
    )


def instruction_of(request: OpenDsrRequest, name: str, controller: Controller) -> Instruction:
    """What is kept of it with the case. Raises InvalidInputError for a callback to anybody but the controller."""
    for number, url in enumerate(request.status_callback_urls):
        if not _is_of(url, controller.domain):
            raise InvalidInputError.of(f"status_callback_urls.{number}", "not_of_the_controller")
    return Instruction(
        controller=name,
        controller_names={"en": controller.label.en, "ja": controller.label.ja},
        subject_request_id=request.subject_request_id,
        callback_urls=request.status_callback_urls,
    )


def _is_of(url: str, domain: str) -> bool:
    try:
        host = target_of(url).host
    except OutboundRefusedError:
        return False
    return host == domain or host.endswith(f".{domain}")


def received_at(submitted: datetime, *, now: datetime) -> datetime:
    """From when the clock of the law runs: when the person asked the controller, as far as that can be."""
    return min(max(submitted, now - LONGEST_ON_THE_WAY), now)


def status_of(case: PrivacyRequest) -> OpenDsrStatus:
    """How far it is, in the words of OpenDSR, which has none for a refusal."""
    if not case.is_open:
        return OpenDsrStatus.COMPLETED if case.outcome in _COMPLETED else OpenDsrStatus.CANCELLED
    return _STATUSES.get(case.status, OpenDsrStatus.IN_PROGRESS)


def require_pending(case: PrivacyRequest) -> None:
    """Only what nothing was done for yet can be cancelled. Raises ConflictError."""
    if status_of(case) is not OpenDsrStatus.PENDING:
        raise ConflictError("it is under way, or over")
    if case.is_frozen:  # the mailbox says that it did not ask: staff find out who did
        raise ConflictError("staff look into it")


def extensions_of(case: PrivacyRequest, domain: str) -> Extensions | None:
    """How it ended, where the word of OpenDSR says too little: codes and counts, and nothing of the person."""
    if case.outcome is None or case.outcome is Outcome.FULFILLED:
        return None
    said: dict[str, object] = {"outcome": str(case.outcome)}
    if case.is_refused and case.refusal is not None:
        said["reason_code"] = case.refusal.ground
    if case.withheld:
        said["withheld_count"] = len(case.withheld)
    return {domain: said}
