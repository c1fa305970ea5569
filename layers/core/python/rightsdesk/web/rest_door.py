"""What the doors for programs have in common: every event is answered, and every error in the door's own form."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from typing import Any

from aws_lambda_powertools.event_handler.api_gateway import APIGatewayRestResolver, Response
from aws_lambda_powertools.utilities.typing import LambdaContext

from rightsdesk.web.incoming import is_rest_event
from rightsdesk.web.problems import UnsupportedEventError

Report = Callable[[Exception, str], None]  # (what happened, the reference that the caller was told)


class RestDoor(APIGatewayRestResolver, ABC):
    """`report` is told of each fault of ours (5xx) and makes it ring."""

    def __init__(self, *, report: Report) -> None:
        super().__init__()
        self._report = report
        self.exception_handler(Exception)(self._refused)

    def resolve(self, event: Mapping[str, Any], context: LambdaContext) -> dict[str, Any]:
        """Answers every event; raises for none."""
        try:
            if not is_rest_event(event):
                raise UnsupportedEventError
            return super().resolve(event, context)
        except Exception as error:  # what is wrong before or after a route
            answer = self._refused(error, context)
            return {
                "statusCode": answer.status_code,
                "multiValueHeaders": {name: [value] for name, value in answer.headers.items()},
                "body": answer.body,
                "isBase64Encoded": False,
            }

    @abstractmethod
    def _refused(self, error: Exception, context: LambdaContext | None = None) -> Response[str]:
        """The answer for any error. `context` where no route was reached: the resolver has none then."""

    def _call_id(self, context: LambdaContext | None) -> str:
        """Lambda's own id of the call, which finds it in our logs."""
        return str(getattr(context or self.lambda_context, "aws_request_id", "") or "unknown")
