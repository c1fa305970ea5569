"""OpenDSR 2.0 (OpenGDPR before): how controllers and processors tell each other of requests, as they are written.

A controller asks a processor for the erasure, a copy or the portable copy of one person's data, and is told by
callbacks how far it is. We are the controller towards recipients, and the processor towards who sells through us.
What is sent to us as a request is read strictly; of what a processor answers, what we do not know is passed over.
"""

# serves: E-02, E-04, E-07, T-2

import base64
import binascii
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, Any, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    SerializerFunctionWrapHandler,
    StringConstraints,
    model_serializer,
    model_validator,
)
from pydantic_core import PydanticCustomError

from rightsdesk.domain.errors import InvalidInputError, OutboundRefusedError
from rightsdesk.domain.opendsr_identities import IdentityFormat, IdentityType
from rightsdesk.domain.outbound import LONGEST_URL, target_of

API_VERSION = "2.0"
# Both names of each have to be understood (section 10.1); on a route of the old name, the old ones are sent.
DOMAIN_HEADERS = ("X-OpenDSR-Processor-Domain", "X-OpenGDPR-Processor-Domain")
SIGNATURE_HEADERS = ("X-OpenDSR-Signature", "X-OpenGDPR-Signature")
MOST_IDENTITIES = 200  # of one person, in one request
LONGEST_SIGNATURE = 2_048  # characters of base64: a key of 12,288 bits, which nobody has

_TIME = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d)")  # RFC 3339
_DOMAIN = re.compile(r"[a-z0-9-]{1,63}(\.[a-z0-9-]{1,63})+")


class Regulation(StrEnum):
    GDPR = "gdpr"
    CCPA = "ccpa"


class OpenDsrType(StrEnum):
    ACCESS = "access"
    PORTABILITY = "portability"
    ERASURE = "erasure"


class OpenDsrStatus(StrEnum):
    """How far a request is. There is no word for a refusal: it is `cancelled`."""

    PENDING = "pending"
    IN_PROGRESS = "in_progress"
    COMPLETED = "completed"
    CANCELLED = "cancelled"


_RANK = {
    OpenDsrStatus.PENDING: 0,
    OpenDsrStatus.IN_PROGRESS: 1,
    OpenDsrStatus.COMPLETED: 2,
    OpenDsrStatus.CANCELLED: 2,
}


def is_news(known: OpenDsrStatus, told: OpenDsrStatus) -> bool:
    """Whether this takes a request further: callbacks come late, twice and in any order, and carry no number."""
    return _RANK[told] > _RANK[known]


def _time(value: Any) -> Any:
    if isinstance(value, datetime) or (isinstance(value, str) and _TIME.fullmatch(value)):
        return value
    raise ValueError("not a time of RFC 3339")


def _utc(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError("without an offset")
    return moment.astimezone(UTC)


def shown_time(moment: datetime) -> str:
    """As it is written: in UTC, to the second."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _callable(url: str) -> str:
    """A URL whose text can be called; the address behind it is judged with each call. Ports are the caller's matter."""
    try:
        target_of(url, ports=range(1, 65_536))
    except OutboundRefusedError:
        raise PydanticCustomError("wrong_format", "not a URL that is called") from None
    return url


Time = Annotated[datetime, BeforeValidator(_time), AfterValidator(_utc), PlainSerializer(shown_time, return_type=str)]
RequestId = Annotated[
    str, StringConstraints(pattern=r"^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$")
]
"""A UUID of version 4, made by the controller, in lower case (section 1.1)."""
Url = Annotated[str, Field(max_length=LONGEST_URL), AfterValidator(_callable)]
ControllerId = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"^[!-~]+$")]
Extensions = dict[Annotated[str, StringConstraints(max_length=253)], dict[str, Any]]


class _Sent(BaseModel):
    """What we send, or take strictly. A field that is not there is left out, not written as null."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    @model_serializer(mode="wrap")
    def _without_nothing(self, write: SerializerFunctionWrapHandler) -> dict[str, Any]:
        return {name: value for name, value in write(self).items() if value is not None}


class _Answered(_Sent):
    """What processors send us as well: fields that we do not know are passed over."""

    model_config = ConfigDict(frozen=True, extra="ignore", defer_build=True)


class SupportedIdentity(_Answered):
    identity_type: IdentityType
    identity_format: IdentityFormat


class Identity(_Sent):
    """One identifier of the person. Its value is never shown."""

    identity_type: IdentityType
    identity_value: Annotated[str, Field(min_length=1, max_length=320, repr=False)]
    identity_format: IdentityFormat


def _known(supported: Any) -> Any:
    """Those that this version of the standard has: a later one may have more."""
    if not isinstance(supported, (list, tuple)):
        return supported
    return [each for each in supported if not isinstance(each, Mapping) or _is_known(each)]


def _is_known(identity: Mapping[str, Any]) -> bool:
    kind, form = identity.get("identity_type"), identity.get("identity_format")
    return kind in list(IdentityType) and form in list(IdentityFormat)


class Discovery(_Answered):
    """What a processor can do. `processor_certificate`: where its certificate is, on the host that says so."""

    api_version: Annotated[str, StringConstraints(min_length=1, max_length=20)]
    supported_identities: Annotated[tuple[SupportedIdentity, ...], BeforeValidator(_known), Field(max_length=100)]
    supported_subject_request_types: Annotated[tuple[OpenDsrType, ...], Field(max_length=3)]
    processor_certificate: Url

    def takes(self, kind: IdentityType, form: IdentityFormat) -> bool:
        return any(each.identity_type is kind and each.identity_format is form for each in self.supported_identities)


class OpenDsrRequest(_Sent):
    """A controller's request. `submitted_time` is when the person asked: the clock of the law runs from there."""

    regulation: Regulation
    subject_request_id: RequestId
    subject_request_type: OpenDsrType
    subject_identities: Annotated[tuple[Identity, ...], Field(max_length=MOST_IDENTITIES)] = ()
    submitted_time: Time
    api_version: Annotated[str, StringConstraints(pattern=r"^[12](\.[0-9]{1,3}){0,2}$")] | None = None
    status_callback_urls: Annotated[tuple[Url, ...], Field(max_length=5)] = ()
    extensions: Annotated[Extensions | None, Field(repr=False)] = None

    @model_validator(mode="after")
    def _names_somebody(self) -> Self:
        if not self.subject_identities and not self.extensions:
            raise PydanticCustomError("missing", "nobody is named", {"at": "subject_identities"})
        return self

    @classmethod
    def with_defaults(cls, fields: Mapping[str, Any], *, legacy: bool) -> dict[str, Any]:
        """The fields of a body: OpenGDPR 1.0 knew one regulation, and did not name it."""
        return {"regulation": Regulation.GDPR, **fields} if legacy else dict(fields)


class OpenDsrReceipt(_Answered):
    """The answer to a request (201). `encoded_request` is the body that was sent: never logged, never kept."""

    controller_id: ControllerId
    expected_completion_time: Time
    received_time: Time
    encoded_request: Annotated[str, Field(repr=False)]
    subject_request_id: RequestId


class OpenDsrState(_Answered):
    """How far a request is (200)."""

    controller_id: ControllerId
    expected_completion_time: Time
    subject_request_id: RequestId
    request_status: OpenDsrStatus
    api_version: str | None = None
    results_url: Url | None = None
    results_count: Annotated[int, Field(ge=0)] | None = None
    extensions: Annotated[Extensions | None, Field(repr=False)] = None


class OpenDsrCallback(_Answered):
    """The same, as a processor tells it. `status_callback_url`: where the callback was meant to go."""

    controller_id: ControllerId
    status_callback_url: Annotated[str, Field(max_length=LONGEST_URL)]  # compared, and never called
    subject_request_id: RequestId
    request_status: OpenDsrStatus
    expected_completion_time: Time
    results_url: Url | None = None
    results_count: Annotated[int, Field(ge=0)] | None = None
    extensions: Annotated[Extensions | None, Field(repr=False)] = None


class OpenDsrCancellation(_Answered):
    """The answer to a cancelling (202)."""

    controller_id: ControllerId
    received_time: Time
    subject_request_id: RequestId
    api_version: str | None = None


class ErrorDetail(_Sent):
    domain: str
    reason: str
    message: str


class ErrorBody(_Sent):
    code: int
    message: str
    errors: tuple[ErrorDetail, ...] = ()


class OpenDsrError(_Sent):
    """Why a call was refused: codes and names of fields, and nothing of what was sent."""

    error: ErrorBody


def read_domain(values: list[str]) -> str | None:
    """The domain that a header names; None where there is none, or more than one, or it is no domain."""
    found = values[0].strip().lower() if len(values) == 1 else ""
    return found if _DOMAIN.fullmatch(found) else None


def encoded_content(content: bytes) -> str:
    """A request as its receipt holds it."""
    return base64.b64encode(content).decode("ascii")


def encoded_signature(signature: bytes) -> str:
    return base64.b64encode(signature).decode("ascii")


def read_signature(values: list[str]) -> bytes:
    """The signature that a header holds. Raises InvalidInputError: `missing`, `duplicate`, `wrong_format`."""
    name = SIGNATURE_HEADERS[0]
    if len(values) != 1:
        raise InvalidInputError.of(name, "duplicate" if values else "missing")
    try:
        if len(values[0]) > LONGEST_SIGNATURE:
            raise ValueError
        return base64.b64decode(values[0].strip(), validate=True)
    except (binascii.Error, ValueError):
        raise InvalidInputError.of(name, "wrong_format") from None
