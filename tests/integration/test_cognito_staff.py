"""Who is on the staff, as the pool knows it that the template describes."""

from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from rightsdesk.adapters.cognito_staff import CognitoStaffDirectory
from rightsdesk.domain.errors import ServiceUnavailableError
from rightsdesk.domain.staff import Role
from tests.support.stack import PlayedStack


@pytest.fixture(scope="module")
def directory(stack: PlayedStack) -> CognitoStaffDirectory:
    return CognitoStaffDirectory(stack.local.ref("StaffPool"), stack.client("cognito-idp"))


def add(stack: PlayedStack, name: str, *groups: str) -> str:
    """Another member of staff; the user id that a token would name."""
    assert stack.local.staff is not None
    address = f"{name}@shop.example"
    stack.local.staff.add(address, groups=groups)
    user = stack.client("cognito-idp").admin_get_user(UserPoolId=stack.local.ref("StaffPool"), Username=address)
    return str(next(entry["Value"] for entry in user["UserAttributes"] if entry["Name"] == "sub"))


def test_every_role_is_a_group_of_the_pool_and_its_members_are_found(directory: CognitoStaffDirectory) -> None:
    for role in Role:
        assert f"{role}@shop.example" in directory.addresses_in(role)


def test_a_user_id_leads_to_an_address_until_its_owner_leaves(
    stack: PlayedStack, directory: CognitoStaffDirectory
) -> None:
    user_id = add(stack, "leaver", "handler", "approver")
    assert directory.address_of(user_id) == "leaver@shop.example"
    assert "leaver@shop.example" in directory.addresses_in(Role.APPROVER)
    pool = stack.local.ref("StaffPool")
    stack.client("cognito-idp").admin_disable_user(UserPoolId=pool, Username="leaver@shop.example")
    assert directory.address_of(user_id) is None
    assert "leaver@shop.example" not in directory.addresses_in(Role.APPROVER)


@pytest.mark.parametrize("typed", ["nobody", "", '" or email ^= "', "a" * 65, "サブ"])
def test_what_is_no_user_id_leads_nowhere(directory: CognitoStaffDirectory, typed: str) -> None:
    """An assignee is what a colleague typed; it must not become a part of the question."""
    assert directory.address_of(typed) is None


def test_a_group_of_many_pages_is_read_to_its_end() -> None:
    cognito = Pages(
        [
            [user("b@shop.example"), user("gone@shop.example", enabled=False)],
            [],
            [user("a@shop.example"), {"Username": "robot", "Enabled": True, "Attributes": []}],
        ]
    )
    assert CognitoStaffDirectory("pool", cognito).addresses_in(Role.APPROVER) == ("a@shop.example", "b@shop.example")  # type: ignore[arg-type]
    assert cognito.asked == ("list_users_in_group", {"UserPoolId": "pool", "GroupName": "approver"})


@pytest.mark.parametrize(
    "error",
    [
        ClientError({"Error": {"Code": "TooManyRequestsException", "Message": "x@example.org"}}, "ListUsers"),
        ClientError({"Error": {"Code": "ResourceNotFoundException", "Message": "x@example.org"}}, "ListUsers"),
        EndpointConnectionError(endpoint_url="https://cognito"),
    ],
)
def test_whatever_keeps_the_pool_from_answering_is_a_service_that_is_down(error: Exception) -> None:
    directory = CognitoStaffDirectory("pool", Pages(error))  # type: ignore[arg-type]
    for ask in (lambda: directory.address_of("sub-1"), lambda: directory.addresses_in(Role.APPROVER)):
        with pytest.raises(ServiceUnavailableError) as caught:
            ask()
        assert "example.org" not in str(caught.value)


def user(email: str, *, enabled: bool = True) -> dict[str, Any]:
    return {"Username": email, "Enabled": enabled, "Attributes": [{"Name": "email", "Value": email}]}


class Pages:
    """As much of the client as the directory uses; `given` are the users of each page, or what is raised."""

    def __init__(self, given: list[list[dict[str, Any]]] | Exception) -> None:
        self._given = given
        self.asked: tuple[str, dict[str, Any]] | None = None
        self._name = ""

    def get_paginator(self, name: str) -> "Pages":
        self._name = name
        return self

    def paginate(self, **call: Any) -> Iterator[dict[str, Any]]:
        self.asked = (self._name, call)
        if isinstance(self._given, Exception):
            raise self._given
        yield from ({"Users": users} for users in self._given)
