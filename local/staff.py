"""The staff accounts of a running stack: one for each group, at shop.example, and their tokens."""

import secrets
from dataclasses import dataclass

from local.account import Clients

DOMAIN = "shop.example"


class NoSuchUserError(Exception):
    """Nobody of that name is on the staff; the message names who is."""


@dataclass(frozen=True)
class StaffToken:
    user: str
    groups: tuple[str, ...]
    id_token: str


class Staff:
    """Makes an account `<group>@shop.example` for every group of the pool."""

    def __init__(self, *, pool: str, client: str, clients: Clients) -> None:
        self._pool = pool
        self._client = client
        self._cognito = clients("cognito-idp")
        self._passwords: dict[str, str] = {}
        for group in self._cognito.list_groups(UserPoolId=pool)["Groups"]:
            self.add(f"{group['GroupName']}@{DOMAIN}", groups=(group["GroupName"],))

    @property
    def users(self) -> tuple[str, ...]:
        return tuple(self._passwords)

    def add(self, user: str, *, groups: tuple[str, ...]) -> None:
        """Another member of staff, for tests that need two of a kind."""
        self._passwords[user] = f"{secrets.token_urlsafe(24)}-aA1"  # whatever the pool's policy asks for
        self._cognito.admin_create_user(
            UserPoolId=self._pool, Username=user, UserAttributes=[{"Name": "email", "Value": user}]
        )
        self._cognito.admin_set_user_password(
            UserPoolId=self._pool, Username=user, Password=self._passwords[user], Permanent=True
        )
        for group in groups:
            self._cognito.admin_add_user_to_group(UserPoolId=self._pool, Username=user, GroupName=group)

    def token(self, user: str) -> StaffToken:
        """Logs `user` in. The second factor that the pool asks for is not played here: moto has no authenticator.

        Raises NoSuchUserError.
        """
        if user not in self._passwords:
            raise NoSuchUserError(f"there is no {user}; there are {', '.join(self.users)}")
        answer = self._cognito.admin_initiate_auth(
            UserPoolId=self._pool,
            ClientId=self._client,
            AuthFlow="ADMIN_USER_PASSWORD_AUTH",
            AuthParameters={"USERNAME": user, "PASSWORD": self._passwords[user]},
        )
        groups = self._cognito.admin_list_groups_for_user(UserPoolId=self._pool, Username=user)["Groups"]
        return StaffToken(
            user=user,
            groups=tuple(group["GroupName"] for group in groups),
            id_token=answer["AuthenticationResult"]["IdToken"],
        )
