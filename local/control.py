"""The routes of a running stack that exist on this machine only: mail in and out, clock, health, trigger, tokens."""

import json
import re
from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from werkzeug.wrappers import Request, Response

from local.events.inbound_mail import CHECKS, LIMIT, MailTooLargeError, RefusedMailError, WrongFieldError
from local.gateway.body import BodyLengthError, BodyTooLargeError, after_answer, read_measured_body
from local.outbox import page
from local.staff import NoSuchUserError
from local.timeline import NotSettledError

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

    from local.runtime import LocalStack

PREFIX = "/_local/"


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


def _iso(value: object) -> object:
    if not isinstance(value, str):
        raise ValueError("a duration is written as P30D")
    return value


LONGEST_STEP = timedelta(days=732)  # every day on the way is played: more would keep the caller for many minutes


class Advance(_Model):
    advance: Annotated[  # ISO 8601, such as P30D
        timedelta, BeforeValidator(_iso), Field(ge=timedelta(0), le=LONGEST_STEP)
    ]


class TokenFor(_Model):
    user: str


class Lift(_Model):
    lift: str  # an address


class Control:
    """Answers what begins with /_local/, and hands everything else to the gateway."""

    def __init__(self, stack: "LocalStack", *, gateway: "WSGIApplication") -> None:
        self._stack = stack
        self._gateway = gateway
        self._routes: list[tuple[str, str, Callable[..., Response]]] = [
            ("GET", r"outbox", self._outbox),
            ("GET", r"health", self._health),
            ("POST", r"mail", self._mail),
            ("GET", r"suppressed", self._suppressed),
            ("POST", r"suppressed", self._lift),
            ("POST", r"clock", self._clock),
            ("POST", r"token", self._token),
            ("POST", r"trigger/(\w+)", self._trigger),
        ]

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        request = Request(environ)
        if not request.path.startswith(PREFIX):
            return self._gateway(environ, start_response)
        hosts = {self._stack.url.removeprefix("http://"), self._stack.url.replace("http://127.0.0.1", "localhost")}
        # Another name may point here too, from a page of another origin: it is not served.
        response = self._answer(request) if request.host in hosts else _json({"message": "Forbidden"}, 403)
        return response(environ, start_response)

    def _answer(self, request: Request) -> Response:
        path = request.path.removeprefix(PREFIX)
        here = [route for route in self._routes if re.fullmatch(route[1], path)]
        if here and request.method not in [method for method, *_ in here]:
            return _json({"message": f"{PREFIX}{path} takes {' or '.join(method for method, *_ in here)}"}, 405)
        for method, pattern, answer in here:
            found = re.fullmatch(pattern, path)
            if found is not None and request.method == method:
                try:
                    return answer(request, *found.groups())
                except ValidationError as error:
                    return _json({"message": error.errors()[0]["msg"]}, 400)
                except NotSettledError as error:
                    return _json({"message": str(error)}, 503)
        return _json({"message": f"there is no {PREFIX}{path}"}, 404)

    def _outbox(self, request: Request) -> Response:
        mails = self._stack.outbox()
        if request.accept_mimetypes.best_match(["text/html", "application/json"]) == "application/json":
            return _json([mail.model_dump(mode="json") for mail in mails])
        return Response(page(mails), content_type="text/html; charset=utf-8")

    def _mail(self, request: Request) -> Response:
        """The body is a mail as it goes over the wire (RFC 5322); the query is its envelope and SES's verdicts."""
        query = request.args
        known = {"from", "to", "message_id", *CHECKS}
        try:
            is_known = self._stack.has_received(query.get("message_id"))  # it need not be sent again
            raw = b"" if is_known else read_measured_body(request, limit=LIMIT)
            unknown = sorted(set(query) - known)
            if unknown:
                raise WrongFieldError(unknown[0], f"{unknown[0]} is no part of an envelope")
            received = self._stack.receive_mail(
                raw,
                sender=query.get("from"),
                recipients=query.getlist("to"),
                verdicts={check: query[check] for check in CHECKS if check in query},
                message_id=query.get("message_id"),
            )
        except WrongFieldError as error:
            return _json({"message": str(error), "field": error.field}, 400)
        except BodyLengthError as error:
            return _json({"message": str(error)}, error.status)
        except BodyTooLargeError:
            return after_answer(
                request, _json({"message": f"a mail of more than {LIMIT} bytes is not taken by SES"}, 413)
            )
        except MailTooLargeError as error:
            return _json({"message": str(error)}, 413)
        except RefusedMailError as error:
            return _json({"message": str(error)}, 422)
        self._stack.settle()
        return _json({"message_id": received.message_id, "rules": received.rules, "recipients": received.recipients})

    def _suppressed(self, request: Request) -> Response:
        return _json(self._stack.mail_feedback.suppressed)

    def _lift(self, request: Request) -> Response:
        address = Lift.model_validate_json(request.get_data()).lift
        if not self._stack.mail_feedback.lift(address):
            return _json({"message": f"{address} is not on the suppression list"}, 404)
        return _json(self._stack.mail_feedback.suppressed)

    def _health(self, request: Request) -> Response:
        stack = self._stack
        return _json(
            {
                "site": f"{stack.url}/",
                "api": f"{stack.url}/api",
                "staff_api": f"{stack.url}/staff",
                "aws_endpoint": stack.aws_endpoint,
                "now": stack.now.isoformat(),
                "tables": stack.tables,
                "buckets": stack.buckets,
                "outputs": stack.outputs,
                "shop": stack.shop,
                "merchant": str(stack.merchant),
            }
        )

    def _clock(self, request: Request) -> Response:
        try:
            step = Advance.model_validate_json(request.get_data()).advance
        except ValidationError:
            most = f"two years ({LONGEST_STEP.days} days) at most"
            return _json({"message": f"a step is written as P30D, goes forward, and is {most}"}, 400)
        self._stack.advance(step)
        return _json({"now": self._stack.now.isoformat()})

    def _token(self, request: Request) -> Response:
        user = TokenFor.model_validate_json(request.get_data()).user
        if self._stack.staff is None:
            return _json({"message": "the template has no pool of staff"}, 404)
        try:
            token = self._stack.staff.token(user)
        except NoSuchUserError as error:
            return _json({"message": str(error)}, 404)
        return _json({"user": token.user, "groups": token.groups, "token": token.id_token})

    def _trigger(self, request: Request, function: str) -> Response:
        """The event is the body; the answer is the function's own."""
        try:
            outcome = self._stack.invoke(self._stack.function_in(function), json.loads(request.get_data()))
        except KeyError as error:
            return _json({"message": str(error.args[0])}, 404)
        self._stack.settle()
        return _json({"function": function, "failed": outcome.failed, "answer": outcome.value})


def _json(value: Any, status: int = 200) -> Response:
    return Response(json.dumps(value, ensure_ascii=False), status, content_type="application/json")
