"""The one logger and the one set of metrics. Nothing of a person is ever logged: ids yes, values no.

Code that logs passes ids and codes; the formatter here is the net under it, not the plan (`redaction.py`). It writes
one line of ASCII JSON whatever is in it (abuse case 94), and of an exception only the type and where it was raised,
because messages quote values.
"""

import json
import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from types import TracebackType
from typing import Any, TextIO, TypeVar

from aws_lambda_powertools import Logger, Metrics, single_metric
from aws_lambda_powertools.logging.formatter import LambdaPowertoolsFormatter
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.metrics.provider.cloudwatch_emf.cloudwatch import AmazonCloudWatchEMFProvider

from rightsdesk.domain.errors import RightsdeskError, ServiceUnavailableError
from rightsdesk.redaction import redacted

NAMESPACE = "Rightsdesk"
_MAX_FRAMES = 12
_MAX_CAUSES = 4

# Written by Lambda and Powertools from the deployment, never by a caller: names and ids that look random.
_FROM_THE_RUNTIME = frozenset({"timestamp", "function_name", "function_arn", "function_request_id"})

Answer = TypeVar("Answer")
_ExcInfo = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


class RedactingFormatter(LambdaPowertoolsFormatter):
    """JSON on one line, redacted; times in UTC."""

    def __init__(self, **keys: Any) -> None:
        super().__init__(utc=True, use_rfc3339=True, serialize_stacktrace=False, **keys)

    def formatException(self, ei: _ExcInfo) -> str:  # noqa: N802 - the name is logging's
        return "; from ".join(_place(error) for error in _chain(ei[1])) if ei[1] else ""

    def serialize(self, log: Any) -> str:
        """The last step for every line: nothing gets past it."""
        kept = {key: value for key, value in log.items() if key in _FROM_THE_RUNTIME}
        others = {key: value for key, value in log.items() if key not in kept and key != "exception_notes"}
        return json.dumps(redacted(others) | kept, default=str, separators=(",", ":"), ensure_ascii=True)


class _Provider(AmazonCloudWatchEMFProvider):
    """A call without metrics is no news: Powertools would warn of each."""

    def flush_metrics(self, raise_on_empty_metrics: bool = False) -> None:
        if self.metric_set or raise_on_empty_metrics:
            super().flush_metrics(raise_on_empty_metrics)


def new_logger(*, stream: TextIO | None = None, service: str | None = None) -> Logger:
    """A logger with the redacting formatter. Level and service come from POWERTOOLS_LOG_LEVEL, ..._SERVICE_NAME."""
    return Logger(service=service, stream=stream or sys.stdout, logger_formatter=RedactingFormatter())


logger = new_logger()
metrics = Metrics(provider=_Provider(namespace=NAMESPACE))


def report_fault(error: Exception, request_id: str) -> None:
    """Make a fault of ours ring: one line with its type and place, and the metric `Fault`, at once."""
    code = error.code if isinstance(error, RightsdeskError) else "unexpected"
    logger.error("fault", exc_info=error, error_code=code, told_as=request_id)
    with single_metric(name="Fault", unit=MetricUnit.Count, value=1, namespace=NAMESPACE):
        pass


@contextmanager
def left_to_the_sweep(request_id: str) -> Iterator[None]:
    """For what follows a change that is saved, and must not be asked for again because the workflow can't be told now.

    The daily sweep finds what is left undone by what the case says (`services/sweep_deadlines.py`).
    """
    try:
        yield
    except ServiceUnavailableError:
        logger.warning("workflow not told; the sweep will", extra={"request_id": request_id})


def note_limit(limit: str) -> None:
    """An automatic answer was held back. That the breaker for all holds, rings."""
    logger.info("no automatic answer", extra={"limit": limit})
    if limit == "breaker":
        metrics.add_metric(name="AutomaticAnswersStopped", unit=MetricUnit.Count, value=1)


class UnexpectedError(Exception):
    """What nobody foresaw. Of what it was, the type is told; the log says where."""


def discreet(handler: Callable[[dict[str, Any], Any], Answer]) -> Callable[[dict[str, Any], Any], Answer]:
    """For functions whose errors leave them: Lambda prints these, and a workflow keeps them for 90 days.

    Errors of ours pass, for their messages quote nobody. Those of libraries may quote what they were given.
    """

    @wraps(handler)
    def run(event: dict[str, Any], context: Any) -> Answer:
        try:
            return handler(event, context)
        except RightsdeskError:
            raise
        except Exception as error:
            logger.error("unexpected", exc_info=error)
            raise UnexpectedError(type(error).__name__) from None

    return run


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    """An exception and what it came from, as Python would print them."""
    for _ in range(_MAX_CAUSES):
        if error is None:
            return
        yield error
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)


def _place(error: BaseException) -> str:
    frames = [
        f"{frame.f_globals.get('__name__', '?')}.{frame.f_code.co_name}:{line}"
        for frame, line in traceback.walk_tb(error.__traceback__)
    ]
    return f"{type(error).__name__} at {' > '.join(frames[-_MAX_FRAMES:]) or '?'}"
