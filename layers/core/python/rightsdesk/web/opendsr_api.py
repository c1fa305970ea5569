"""The door for machines that speak OpenDSR: controllers that hand requests on, and recipients that call us back.

    GET          /v1/discovery              what we can do
    GET          /v1/certificate            what our signatures are checked with
    POST         /v1/requests               a controller hands a request on
    GET DELETE   /v1/requests/{id}          how far it is; take it back
    GET          /v1/status/{id}            the same as the first
    POST         /opendsr/callbacks         a recipient says how far it is

The names of OpenGDPR, `opengdpr_requests`, are served with and without `/v1`. Controllers show their key as a bearer
token (RFC 6750). What we answer them is signed over its very bytes. Errors are in the form of the standard, and name
fields, never a value.
"""

# serves: E-00, E-02, E-04, E-07, P-10, T-2

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus

from aws_lambda_powertools.event_handler.api_gateway import Response
from aws_lambda_powertools.utilities.typing import LambdaContext
from pydantic import BaseModel

from rightsdesk.domain.errors import (
    ConflictError,
    InvalidInputError,
    NotFoundError,
    PeerUnavailableError,
    RightsdeskError,
)
from rightsdesk.domain.opendsr import (
    DOMAIN_HEADERS,
    SIGNATURE_HEADERS,
    Discovery,
    ErrorBody,
    ErrorDetail,
    OpenDsrCallback,
    OpenDsrCancellation,
    OpenDsrError,
    OpenDsrReceipt,
    OpenDsrRequest,
    OpenDsrState,
    encoded_signature,
    read_domain,
    read_signature,
)
from rightsdesk.web.bearer import bearer_token
from rightsdesk.web.incoming import Incoming
from rightsdesk.web.problems import HEADERS, MAX_FIELDS, status_of
from rightsdesk.web.rest_door import Report, RestDoor
from rightsdesk.web.strict_json import read_object
from rightsdesk.web.validation import validated

CALLBACKS = "/opendsr/callbacks"
_JSON = "application/json"
_RETRY_AFTER = "60"  # seconds, where it is our fault or nobody's


@dataclass(frozen=True, kw_only=True)
class OpenDsrDesk:
    """What this door may ask for.

    domain          ours; NotFoundError where we take nothing over OpenDSR, ServiceUnavailableError where we can't yet
    sign            a signature over bytes; ServiceUnavailableError
    certificate     ours, as PEM, with those between it and its authority
    discovery, admitted, take, state, cancel
                    as of `ControllerInstructions`
    require_known, require_signed, take_callback
                    as of `RecipientCallbacks`
    """

    domain: Callable[[], str]
    sign: Callable[[bytes], bytes]
    certificate: Callable[[], str]
    discovery: Callable[[], Discovery]
    admitted: Callable[[str], str]
    take: Callable[[str, OpenDsrRequest, bytes], OpenDsrReceipt]
    state: Callable[[str, str], OpenDsrState]
    cancel: Callable[[str, str], OpenDsrCancellation]
    require_known: Callable[[str | None], str]
    require_signed: Callable[[str, bytes, bytes], None]
    take_callback: Callable[[str, OpenDsrCallback], None]


class OpenDsrDoor(RestDoor):
    """Errors are in the form of the standard; a recipient that does not answer is no fault of ours."""

    def __init__(self, desk: OpenDsrDesk, *, report: Report) -> None:
        super().__init__(report=report)
        self._desk = desk
        self.route("/v1/discovery", "GET")(self._discovery)
        self.route("/v1/certificate", "GET")(self._certificate)
        self.route(CALLBACKS, "POST")(self._callback)
        self.route("/v1/status/<subject_request_id>", "GET")(self._state)
        for place in ("/v1/requests", "/v1/opengdpr_requests", "/opengdpr_requests"):
            self.route(place, "POST")(self._take)
            self.route(f"{place}/<subject_request_id>", "GET")(self._state)
            self.route(f"{place}/<subject_request_id>", "DELETE")(self._cancel)

    def _discovery(self) -> Response[str]:
        return _response(HTTPStatus.OK, self._desk.discovery().model_dump_json())

    def _certificate(self) -> Response[str]:
        self._desk.domain()
        return _response(HTTPStatus.OK, self._desk.certificate(), content_type="application/x-pem-file")

    def _take(self) -> Response[str]:
        incoming = self._incoming()
        controller = self._desk.admitted(bearer_token(incoming.header("authorization")))
        fields = OpenDsrRequest.with_defaults(incoming.json_body(), legacy=self._is_legacy)
        receipt = self._desk.take(controller, validated(OpenDsrRequest, fields), incoming.raw_body())
        return self._signed(HTTPStatus.CREATED, receipt)

    def _state(self, subject_request_id: str) -> Response[str]:
        return self._signed(HTTPStatus.OK, self._desk.state(self._controller(), subject_request_id))

    def _cancel(self, subject_request_id: str) -> Response[str]:
        return self._signed(HTTPStatus.ACCEPTED, self._desk.cancel(self._controller(), subject_request_id))

    def _callback(self) -> Response[str]:
        """In the order of the standard: who, then whether it is from them, and only then what it says."""
        incoming = self._incoming()
        domain = self._desk.require_known(read_domain(_newest(incoming, DOMAIN_HEADERS)))
        content = incoming.raw_body()
        self._desk.require_signed(domain, read_signature(_newest(incoming, SIGNATURE_HEADERS)), content)
        self._desk.take_callback(domain, validated(OpenDsrCallback, read_object(content)))
        return _response(HTTPStatus.ACCEPTED, "{}")

    def _incoming(self) -> Incoming:
        return Incoming(event=self.current_event.raw_event, path={})

    def _controller(self) -> str:
        return self._desk.admitted(bearer_token(self._incoming().header("authorization")))

    @property
    def _is_legacy(self) -> bool:
        return "/opengdpr_requests" in str(self.current_event.raw_event.get("resource") or self.current_event.path)

    def _signed(self, status: HTTPStatus, said: BaseModel) -> Response[str]:
        """Under the names of the headers that the route's version of the standard has."""
        text = said.model_dump_json()
        which = 1 if self._is_legacy else 0
        headers = {
            DOMAIN_HEADERS[which]: self._desk.domain(),
            SIGNATURE_HEADERS[which]: encoded_signature(self._desk.sign(text.encode())),
        }
        return _response(status, text, headers=headers)

    def _refused(self, error: Exception, context: LambdaContext | None = None) -> Response[str]:
        status = _status_of(error)
        headers: dict[str, str] = {}
        if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            if not isinstance(error, PeerUnavailableError):  # theirs
                self._report(error, self._call_id(context))
            headers["Retry-After"] = _RETRY_AFTER
        if status is HTTPStatus.UNAUTHORIZED:
            headers["WWW-Authenticate"] = 'Bearer realm="rightsdesk"'
        body = OpenDsrError(error=ErrorBody(code=status, message=status.phrase, errors=tuple(_details(error, status))))
        return _response(status, body.model_dump_json(), headers=headers)


def build_opendsr_api(desk: OpenDsrDesk, *, report: Report) -> OpenDsrDoor:
    """The door, to be called with `.resolve(event, context)`."""
    return OpenDsrDoor(desk, report=report)


def _newest(incoming: Incoming, names: tuple[str, ...]) -> list[str]:
    """All values of the newest of these headers that was sent: two names for one thing are no two things."""
    return next((values for name in names if (values := incoming.header(name.lower()))), [])


def _status_of(error: Exception) -> HTTPStatus:
    # The standard answers all that can't be done with 400: that it is too late to take back as well.
    return HTTPStatus.BAD_REQUEST if isinstance(error, ConflictError) else status_of(type(error))


def _details(error: Exception, status: HTTPStatus) -> list[ErrorDetail]:
    if isinstance(error, InvalidInputError):
        return [
            ErrorDetail(domain="Validation", reason="IllegalArgumentException", message=f"{each.field}: {each.reason}")
            for each in error.problems[:MAX_FIELDS]
        ]
    if status is HTTPStatus.NOT_FOUND:
        return [ErrorDetail(domain="Request", reason=NotFoundError.code, message=status.phrase)]
    code = error.code if isinstance(error, RightsdeskError) else "unexpected"
    return [ErrorDetail(domain="Request", reason=code, message=status.phrase)]


def _response(
    status: HTTPStatus, text: str, *, content_type: str = _JSON, headers: Mapping[str, str] | None = None
) -> Response[str]:
    return Response(status_code=status, content_type=content_type, body=text, headers=HEADERS | dict(headers or {}))
