"""The members of the shop, page by page: who is written to when all are asked or told something.

They stand in the table that the data map calls the identity, whose field with the identifier `email` is the address.
The language is that of the field described as `knowsLanguage` of schema.org; without one, that of the merchant's
country. English for whoever chose another one than ours.
"""

# serves: P-11, P-12

import json
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from rightsdesk.domain.datamap import DataMap, TableCollection
from rightsdesk.domain.errors import MerchantFileError
from rightsdesk.domain.identifier_digest import EMAIL
from rightsdesk.domain.request import Language
from rightsdesk.ports.campaigns import Member, MemberPage
from rightsdesk.sources.dynamodb_items import record_of
from rightsdesk.sources.failures import reading

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_LANGUAGE = "knowsLanguage"


class TableMembers:
    """Keeps the port Members, with Scan: the order of a table stays the same while it is gone through."""

    def __init__(
        self,
        data_map: DataMap,
        client: "DynamoDBClient",
        *,
        country: str,
        named: Callable[[str], str] = lambda table: table,
    ) -> None:
        """`named` gives the table for how the map calls it, where that is not its name.

        Raises MerchantFileError where the map has no table of members with addresses.
        """
        identity = data_map.identity
        address = next((name for name, kind in identity.identifying.items() if kind == EMAIL), None)
        if not isinstance(identity, TableCollection) or address is None:
            raise MerchantFileError("datamap.yaml: nobody can be asked: the identity is no table with e-mail addresses")
        self._client = client
        self._table = named(identity.table)
        self._address = address
        self._language = next((name for name, each in identity.fields.items() if each.schema_org == _LANGUAGE), None)
        self._fallback: Language = "ja" if country == "JP" else "en"

    def page(self, after: str | None, *, most: int) -> MemberPage:
        names = {"#address": self._address} | ({"#language": self._language} if self._language else {})
        request: dict[str, Any] = {
            "TableName": self._table,
            "Limit": most,
            "ConsistentRead": True,
            "ProjectionExpression": ", ".join(names),
            "ExpressionAttributeNames": names,
        }
        if after is not None:
            request["ExclusiveStartKey"] = json.loads(after)
        with reading(self._table):
            page: Any = self._client.scan(**request)
        last = page.get("LastEvaluatedKey")
        records = [record_of(item) for item in page.get("Items", ())]
        return MemberPage(
            members=tuple(
                Member(email=str(record[self._address]), language=self._language_of(record.get(self._language or "")))
                for record in records
                if record.get(self._address)
            ),
            next_key=json.dumps(last) if last else None,
        )

    def _language_of(self, value: object) -> Language:
        """Whoever chose another language than ours reads English rather than Japanese."""
        if not isinstance(value, str) or not value:
            return self._fallback
        return "ja" if re.match(r"ja(?![a-z])", value, re.IGNORECASE) else "en"
