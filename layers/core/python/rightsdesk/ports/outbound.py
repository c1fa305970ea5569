"""Calls to hosts of others, over HTTPS."""

from typing import Protocol

from rightsdesk.domain.outbound import Answer, Outgoing


class Outbound(Protocol):
    def send(self, outgoing: Outgoing) -> Answer:
        """The answer, whatever its status; a redirect is never followed.

        OutboundRefusedError where this is not called or its answer not taken, PeerUnavailableError where there is none.
        """
