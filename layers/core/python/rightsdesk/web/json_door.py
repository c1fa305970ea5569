"""A JSON door: routes that say what they take, give and refuse, so that they are checked and described by one fact.

`serve` registers a route with Powertools and remembers it as an `Operation`; `openapi.py` turns operations into the
document. Bodies are validated by our own models: Powertools' validation would import its OpenAPI models into every cold
start and answer in a shape of its own. A route may offer its answer in other forms than JSON: as a `Document`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Generic, Literal, TypeVar

from aws_lambda_powertools.event_handler.api_gateway import Response
from aws_lambda_powertools.utilities.typing import LambdaContext
from pydantic import BaseModel

from rightsdesk.domain.errors import RightsdeskError
from rightsdesk.web.api_models import Body, OpenApiDocument, Query
from rightsdesk.web.incoming import Incoming
from rightsdesk.web.problems import HEADERS, problem_response, status_of
from rightsdesk.web.rest_door import Report, RestDoor
from rightsdesk.web.validation import validated

CallerT = TypeVar("CallerT")
GivenT = TypeVar("GivenT", bound=BaseModel)
AnswerT = TypeVar("AnswerT", bound=BaseModel)

Scheme = Literal["session", "staff", "sigv4"]


@dataclass(frozen=True, kw_only=True)
class Admission(Generic[CallerT]):
    """Who may call, and how we know: asked before anything else is read. `scheme` names it in the description."""

    scheme: Scheme | None
    admit: Callable[[Incoming], CallerT]


ANYONE: Admission[None] = Admission(scheme=None, admit=lambda _: None)


@dataclass(frozen=True, kw_only=True)
class Document:
    """An answer that is not JSON: a text (UTF-8) of some type, to be saved as `filename` or to be looked at."""

    media_type: str  # without the charset
    text: str
    filename: str | None = None

    @property
    def headers(self) -> dict[str, str]:
        return {"Content-Disposition": f'attachment; filename="{self.filename}"'} if self.filename else {}


@dataclass(frozen=True, kw_only=True)
class Call(Generic[CallerT, GivenT]):
    """One call, admitted and validated. What stood in the path is as it was typed."""

    caller: CallerT
    given: GivenT
    incoming: Incoming

    @property
    def reference(self) -> str:
        return self.incoming.reference


Handler = Callable[[Call[CallerT, GivenT]], AnswerT | Document]


@dataclass(frozen=True, kw_only=True)
class Operation:
    """What the description says about a route. `refuses`: errors beyond those that follow from the rest.

    `forms`: media types that the answer can have besides JSON.
    """

    method: str
    path: str
    name: str
    summary: str
    scheme: Scheme | None
    takes: type[BaseModel]
    answers: type[BaseModel]
    status: int
    refuses: tuple[type[RightsdeskError], ...]
    headers: tuple[str, ...]
    forms: tuple[str, ...]


class JsonDoor(RestDoor):
    """`clock` gives the time for Retry-After."""

    def __init__(self, *, title: str, report: Report, clock: Callable[[], datetime]) -> None:
        super().__init__(report=report)
        self.title = title
        self.operations: list[Operation] = []
        self._clock = clock

    def serve(
        self,
        method: str,
        path: str,
        *,
        summary: str,
        admit: Admission[CallerT],
        takes: type[GivenT],
        answers: type[AnswerT],
        status: HTTPStatus = HTTPStatus.OK,
        refuses: tuple[type[RightsdeskError], ...] = (),
        headers: tuple[str, ...] = (),
        forms: tuple[str, ...] = (),
    ) -> Callable[[Handler[CallerT, GivenT, AnswerT]], Handler[CallerT, GivenT, AnswerT]]:
        """Register a handler for `path` (`/api/requests/{reference}`). It answers with the model or a form of it."""

        def register(handler: Handler[CallerT, GivenT, AnswerT]) -> Handler[CallerT, GivenT, AnswerT]:
            def run(**path: str) -> Response[str]:
                incoming = Incoming(event=self.current_event.raw_event, path=path)
                caller = admit.admit(incoming)
                given = _given(takes, incoming)
                return _response(handler(Call(caller=caller, given=given, incoming=incoming)), status)

            self.route(path.replace("{", "<").replace("}", ">"), method)(run)
            self.operations.append(
                Operation(
                    method=method,
                    path=path,
                    name=handler.__name__,
                    summary=summary,
                    scheme=admit.scheme,
                    takes=takes,
                    answers=answers,
                    status=status,
                    refuses=refuses,
                    headers=headers,
                    forms=forms,
                )
            )
            return handler

        return register

    def description(self, incoming: Incoming) -> OpenApiDocument:
        """The OpenAPI document of this door, as reached through the gateway's stage."""
        from rightsdesk.web.openapi import describe  # a document is asked for far less often than a door starts

        path = incoming.event["path"]
        stage = str(incoming.event["requestContext"].get("path", path)).removesuffix(path)
        return OpenApiDocument.model_validate(describe(self.operations, title=self.title, server=stage or "/"))

    def _refused(self, error: Exception, context: LambdaContext | None = None) -> Response[str]:
        request_id = self._call_id(context)
        if status_of(type(error)) >= HTTPStatus.INTERNAL_SERVER_ERROR:
            self._report(error, request_id)
        return problem_response(error, now=self._clock(), request_id=request_id)


def _given(takes: type[GivenT], incoming: Incoming) -> GivenT:
    if issubclass(takes, Body):
        return validated(takes, incoming.json_body())
    if issubclass(takes, Query):
        return validated(takes, incoming.query())
    return takes()


def _response(answer: BaseModel | Document, status: HTTPStatus) -> Response[str]:
    if isinstance(answer, Document):
        return Response(
            status_code=status,
            content_type=f"{answer.media_type}; charset=utf-8",
            body=answer.text,
            headers=HEADERS | answer.headers,
        )
    return Response(
        status_code=status,
        content_type="application/json",
        body=answer.model_dump_json(by_alias=True),
        headers=HEADERS,
    )
