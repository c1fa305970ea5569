"""The same submission sent twice becomes one request: Powertools' idempotency, in a table of its own."""

import hashlib
import hmac
from collections.abc import Callable
from datetime import timedelta
from typing import Any, cast

from rightsdesk.domain.errors import ConflictError
from rightsdesk.domain.request import Submission
from rightsdesk.domain.views import Receipt

_REMEMBERED = timedelta(hours=24)


def submit_once(
    submit: Callable[[Submission], Receipt], *, table: str, digest_key: Callable[[], bytes]
) -> Callable[[Submission, str | None], Receipt]:
    """`submit`, with a key that its sender chose: a second call under it gets the first one's receipt.

    Raises ConflictError where the first is still under way, and where the key comes back with another submission. The
    table holds the receipt and an HMAC of the submission, nothing of the person.
    """
    remembered: Callable[..., dict[str, Any]] | None = None

    def once(submission: Submission, key: str | None) -> Receipt:
        nonlocal remembered
        if key is None:
            return submit(submission)
        from aws_lambda_powertools.utilities.idempotency import exceptions

        remembered = remembered or _remembered(submit, table)
        digest = hmac.new(digest_key(), submission.model_dump_json().encode(), hashlib.sha256).hexdigest()
        try:
            receipt = remembered(call={"key": key, "digest": digest}, submission=submission)
        except exceptions.IdempotencyAlreadyInProgressError as error:
            raise ConflictError("the same submission is under way") from error
        except exceptions.IdempotencyValidationError as error:
            raise ConflictError("this key was used for another submission") from error
        return Receipt.model_validate(receipt)

    return once


def _remembered(submit: Callable[[Submission], Receipt], table: str) -> Callable[..., dict[str, Any]]:
    # Imported where it is used: a cold start without a key does not pay for it.
    from aws_lambda_powertools.utilities.idempotency import (
        DynamoDBPersistenceLayer,
        IdempotencyConfig,
        idempotent_function,
    )

    @idempotent_function(
        data_keyword_argument="call",
        persistence_store=DynamoDBPersistenceLayer(table_name=table),
        config=IdempotencyConfig(
            event_key_jmespath="key",
            payload_validation_jmespath="digest",
            expires_after_seconds=int(_REMEMBERED.total_seconds()),
            raise_on_no_idempotency_key=True,
        ),
    )
    def run(*, call: dict[str, str], submission: Submission) -> dict[str, Any]:
        return submit(submission).model_dump(mode="json")

    return cast("Callable[..., dict[str, Any]]", run)
