"""How far controllers were told that their requests are: beside the case, `sk = OPENDSR`."""

# serves: T-2

from datetime import datetime

from rightsdesk.adapters.dynamo_cases import end_of_case
from rightsdesk.adapters.dynamo_items import from_item, to_item, translated_errors
from rightsdesk.adapters.dynamo_table import DynamoTable
from rightsdesk.domain.opendsr import OpenDsrStatus


class DynamoToldControllers(DynamoTable):
    """Keeps the port ToldControllers, in the table of cases."""

    def told(self, request_id: str) -> OpenDsrStatus | None:
        with translated_errors():
            answer = self._dynamodb.get_item(TableName=self._table, Key=to_item(_key(request_id)), ConsistentRead=True)
        return OpenDsrStatus(from_item(answer["Item"])["status"]) if "Item" in answer else None

    def record(self, request_id: str, status: OpenDsrStatus, *, at: datetime) -> None:
        said = {
            "status": str(status),
            "at": at.isoformat(),
            "expires_at": end_of_case(self._dynamodb, self._table, request_id),
        }
        with translated_errors():
            self._dynamodb.put_item(TableName=self._table, Item=to_item(_key(request_id) | said))


def _key(request_id: str) -> dict[str, str]:
    return {"pk": f"REQ#{request_id}", "sk": "OPENDSR"}
