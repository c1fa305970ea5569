"""Who is on the staff, as the user pool that they log in with knows it."""

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from rightsdesk.adapters.clients import client
from rightsdesk.domain.errors import ServiceUnavailableError
from rightsdesk.domain.staff import Role

if TYPE_CHECKING:
    from mypy_boto3_cognito_idp import CognitoIdentityProviderClient
    from mypy_boto3_cognito_idp.type_defs import UserTypeTypeDef

# A user id goes into a filter, between quotation marks, and an assignee is whatever a colleague has typed.
_USER_ID = re.compile(r"[A-Za-z0-9-]{1,64}")


class CognitoStaffDirectory:
    """Keeps the port StaffDirectory. The groups of the pool have the names of the roles."""

    def __init__(self, user_pool_id: str, cognito: "CognitoIdentityProviderClient | None" = None) -> None:
        self._pool = user_pool_id
        self._given = cognito

    @property
    def _cognito(self) -> "CognitoIdentityProviderClient":
        return self._given or client("cognito-idp")

    def address_of(self, user_id: str) -> str | None:
        if not _USER_ID.fullmatch(user_id):
            return None
        with _translated_errors():
            pages = self._cognito.get_paginator("list_users").paginate(
                UserPoolId=self._pool, Filter=f'sub = "{user_id}"'
            )
            found = [address for page in pages for address in _addresses(page["Users"])]
        return found[0] if found else None

    def addresses_in(self, role: Role) -> tuple[str, ...]:
        with _translated_errors():
            pages = self._cognito.get_paginator("list_users_in_group").paginate(
                UserPoolId=self._pool, GroupName=role.value
            )
            return tuple(sorted({address for page in pages for address in _addresses(page["Users"])}))


def _addresses(users: "Iterable[UserTypeTypeDef]") -> Iterator[str]:
    """Of those who may log in."""
    for user in users:
        email = next((entry["Value"] for entry in user["Attributes"] if entry["Name"] == "email"), "")
        if user["Enabled"] and email:
            yield email


@contextmanager
def _translated_errors() -> Iterator[None]:
    """Whatever the pool's reason: it can't be asked now."""
    try:
        yield
    except ClientError as error:
        raise ServiceUnavailableError(error.response["Error"]["Code"]) from error
    except BotoCoreError as error:
        raise ServiceUnavailableError(type(error).__name__) from error
