"""The same submission sent twice becomes one request: Powertools' idempotency, in a table of its own."""

import hashlib
import hmac
from collections.abc import Callable
from datetime import timedelta
from typing import Any, cast

from rightsdesk.adapters.clients import client
from rightsdesk.domain.errors import ConflictError
from rightsdesk.domain.request import Submission
from rightsdesk.domain.views import Receipt

_REMEMBERED = timedelta(hours=24)


class SubmitOnce:
    """`submit`, with a key that its sender chose: a second call under it gets the first one's receipt.

    The table holds the receipt and an HMAC of the submission, nothing of the person.
    """

    def __init__(self, submit: Callable[[Submission], Receipt], *, table: str, digest_key: Callable[[], bytes]) -> None:
        self._submit = submit
        self._table = table
        self._digest_key = digest_key
        self._context: Any = None

    def serve(self, context: Any) -> None:
        """Call before each event: the time that the function has left says when an unfinished first call is dead."""
        self._context = context

    def __call__(self, submission: Submission, key: str | None) -> Receipt:
        """Raises ConflictError where the first call is under way, or where the key comes with another submission."""
        if key is None:
            return self._submit(submission)
        # Imported where it is used: a cold start without a key does not pay for it.
        from aws_lambda_powertools.utilities.idempotency import exceptions

        digest = hmac.new(self._digest_key(), submission.model_dump_json().encode(), hashlib.sha256).hexdigest()
        try:
            receipt = self._remembering()(call={"key": key, "digest": digest}, submission=submission)
        except exceptions.IdempotencyAlreadyInProgressError as error:
            raise ConflictError("the same submission is under way") from error
        except exceptions.IdempotencyValidationError as error:
            raise ConflictError("this key was used for another submission") from error
        return Receipt.model_validate(receipt)

    def _remembering(self) -> Callable[..., dict[str, Any]]:
        from aws_lambda_powertools.utilities.idempotency import (
            DynamoDBPersistenceLayer,
            IdempotencyConfig,
            idempotent_function,
        )

        config = IdempotencyConfig(
            event_key_jmespath="key",
            payload_validation_jmespath="digest",
            expires_after_seconds=int(_REMEMBERED.total_seconds()),
            raise_on_no_idempotency_key=True,
        )
        if self._context is not None:
            config.register_lambda_context(self._context)
        persistence = DynamoDBPersistenceLayer(table_name=self._table, boto3_client=client("dynamodb"))

        def run(*, call: dict[str, str], submission: Submission) -> dict[str, Any]:
            return self._submit(submission).model_dump(mode="json")

        remembering = idempotent_function(data_keyword_argument="call", persistence_store=persistence, config=config)
        return cast("Callable[..., dict[str, Any]]", remembering(run))
