"""Take what a controller hands on over OpenDSR: a request like any other, for the person still has to be verified."""

# serves: E-00, E-02, E-04, E-07, T-2

from collections.abc import Callable
from datetime import datetime
from typing import Protocol

from rightsdesk.domain.errors import ConflictError, InvalidInputError, NotFoundError, ServiceUnavailableError
from rightsdesk.domain.instruction import (
    OpenDsrProfile,
    extensions_of,
    instruction_of,
    received_at,
    request_id_of,
    require_pending,
    status_of,
    submission_of,
)
from rightsdesk.domain.opendsr import (
    API_VERSION,
    Discovery,
    OpenDsrCancellation,
    OpenDsrReceipt,
    OpenDsrRequest,
    OpenDsrState,
    OpenDsrType,
    SupportedIdentity,
    encoded_content,
)
from rightsdesk.domain.opendsr_identities import IdentityFormat, IdentityType
from rightsdesk.domain.request import Instruction, PrivacyRequest, Submission
from rightsdesk.domain.views import Receipt
from rightsdesk.ports.cases import CaseStore
from rightsdesk.ports.time import Clock


class Submit(Protocol):
    def __call__(
        self,
        submission: Submission,
        *,
        new_id: Callable[[], str],
        received_at: datetime,
        country_assumed: bool,
        instruction: Instruction,
    ) -> Receipt:
        """`submit_request`. ConflictError where there is one of this id."""


class Withdraw(Protocol):
    def __call__(self, request_id: str, *, actor: str, require: Callable[[PrivacyRequest], None]) -> None:
        """`withdraw_request`. ConflictError, CaseClosedError, or what `require` raises."""


class ControllerInstructions:
    """What the controllers of `opendsr.yaml` may ask of us. `serves`: whether we have a key. `certified`: and for it
    the certificate, without which nobody can believe what we answer."""

    def __init__(
        self,
        *,
        cases: CaseStore,
        submit: Submit,
        withdraw: Withdraw,
        profile: OpenDsrProfile,
        serves: bool,
        certified: bool,
        clock: Clock,
    ) -> None:
        self._cases = cases
        self._submit = submit
        self._withdraw = withdraw
        self._profile = profile
        self._serves = serves
        self._certified = certified
        self._clock = clock

    @property
    def domain(self) -> str:
        """Ours. Raises NotFoundError where we take nothing over OpenDSR, ServiceUnavailableError where we can't yet."""
        if self._profile.domain is None or not self._serves:
            raise NotFoundError("no OpenDSR here")
        if not self._certified:
            raise ServiceUnavailableError("no certificate: opendsr.pem")
        return self._profile.domain

    def require_serving(self) -> None:
        """Raises as `domain`."""
        _ = self.domain

    def discovery(self) -> Discovery:
        """What we can do. Only an address can be followed: the person has to be asked there."""
        return Discovery(
            api_version=API_VERSION,
            supported_identities=(
                SupportedIdentity(identity_type=IdentityType.EMAIL, identity_format=IdentityFormat.RAW),
            ),
            supported_subject_request_types=tuple(OpenDsrType),
            processor_certificate=f"https://{self.domain}/v1/certificate",
        )

    def admitted(self, key: str) -> str:
        """Raises NotAuthenticatedError, and as `domain`."""
        self.require_serving()
        return self._profile.admitted(key)

    def take(self, name: str, request: OpenDsrRequest, *, content: bytes) -> OpenDsrReceipt:
        """Raises InvalidInputError, also for an id that was used for another person or right."""
        controller = self._profile.controllers[name]
        submission = submission_of(request, controller)
        request_id = request_id_of(name, request.subject_request_id)
        try:
            self._submit(
                submission,
                new_id=lambda: request_id,
                received_at=received_at(request.submitted_time, now=self._clock()),
                country_assumed=True,
                instruction=instruction_of(request, name, controller),
            )
        except ConflictError:  # sent twice
            before = self._cases.get(request_id)
            if (before.email_as_typed, before.types) != (submission.email, submission.types):
                raise InvalidInputError.of("subject_request_id", "used") from None
        case = self._cases.get(request_id)
        return OpenDsrReceipt(
            controller_id=name,
            expected_completion_time=case.due.due_at,
            received_time=self._clock(),
            encoded_request=encoded_content(content),
            subject_request_id=request.subject_request_id,
        )

    def state(self, name: str, subject_request_id: str) -> OpenDsrState:
        """Raises NotFoundError: there is none, or it is another controller's."""
        case = self._case(name, subject_request_id)
        return OpenDsrState(
            controller_id=name,
            expected_completion_time=case.due.due_at,
            subject_request_id=subject_request_id,
            request_status=status_of(case),
            api_version=API_VERSION,
            extensions=extensions_of(case, self.domain),
        )

    def cancel(self, name: str, subject_request_id: str) -> OpenDsrCancellation:
        """Raises NotFoundError; ConflictError once anything was done."""
        case = self._case(name, subject_request_id)
        self._withdraw(case.request_id, actor=f"controller:{name}", require=require_pending)
        return OpenDsrCancellation(
            controller_id=name,
            received_time=self._clock(),
            subject_request_id=subject_request_id,
            api_version=API_VERSION,
        )

    def _case(self, name: str, subject_request_id: str) -> PrivacyRequest:
        return self._cases.get(request_id_of(name, subject_request_id))
