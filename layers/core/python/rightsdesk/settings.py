"""The typed environment of each function: one frozen model for each, checked when the function is imported.

A field is the variable of its name in capitals (`cases_table` is CASES_TABLE). What is missing or wrong is named, with
no value, and the function does not start: a deployment fails, not a customer. The names of the merchant's own tables
and buckets (SOURCE_...) are read where the data map is read.
"""

import os
from collections.abc import Mapping
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError

Name = Annotated[str, Field(min_length=1)]
Arn = Annotated[str, Field(pattern=r"^arn:[a-z-]+:")]
Mailbox = Annotated[str, Field(pattern=r"^[^@\s]+@[^@\s]+$")]
ArnOrNone = Annotated[str, Field(pattern=r"^(arn:[a-z-]+:.+)?$")]
MailboxOrNone = Annotated[str, Field(pattern=r"^([^@\s]+@[^@\s]+)?$")]
# With the stage of the API where there is no domain of one's own: https://host/live
Origin = Annotated[str, Field(pattern=r"^(https?://[^/\s?#]+(/[^/\s?#]+)?)?$")]


class SettingsError(RuntimeError):
    """A function's environment is not what it needs: names the variables, never their values."""


class Settings(BaseModel):
    """What every environment shares. Built when loaded, so that a function pays for its own model alone."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    @classmethod
    def load(cls, environ: Mapping[str, str] = os.environ) -> Self:
        """Raises SettingsError."""
        values = {name: environ[name.upper()] for name in cls.model_fields if name.upper() in environ}
        try:
            return cls.model_validate(values)
        except ValidationError as error:
            wrong = {str(e["loc"][0]).upper(): e["type"] for e in error.errors(include_input=False)}
            named = ", ".join(f"{name} ({'missing' if why == 'missing' else 'wrong'})" for name, why in wrong.items())
            raise SettingsError(f"{cls.__name__}: {named}") from None


class _Cases(Settings):
    cases_table: Name


class _Mail(Settings):
    mail_from: Mailbox
    configuration_set: Name


class _Letters(_Mail):
    """`public_origin` stands before the links in letters: empty without a domain of the merchant's own.

    `inbound_address` is the mailbox that mail comes in by, and that letters are answered to: empty where none does.
    """

    public_origin: Origin = ""
    inbound_address: MailboxOrNone = ""


class _StaffMail(_Mail):
    staff_mailbox: Mailbox


class _Pepper(Settings):
    pepper_secret_arn: Arn


class PublicDoorSettings(_Cases, _Letters, _StaffMail, _Pepper):
    """What both public doors share."""

    people_table: Name
    idempotency_table: Name
    export_bucket: Name
    privacy_request_arn: Arn
    deadline_watch_arn: Arn


class PublicSiteSettings(PublicDoorSettings):
    """public_site"""


class PublicApiSettings(PublicDoorSettings):
    """public_api"""


class ConsentSiteSettings(_Letters, _Pepper):
    """consent_site"""

    people_table: Name


class RunCampaignsSettings(_Letters, _Pepper):
    """run_campaigns"""

    people_table: Name


class EmailIntakeSettings(_Cases, _Letters, _StaffMail, _Pepper):
    """email_intake. `automatic_answers_per_hour`: past it mails wait for staff, and an alarm rings."""

    people_table: Name
    mail_bucket: Name
    privacy_request_arn: Arn
    deadline_watch_arn: Arn
    automatic_answers_per_hour: Annotated[int, Field(ge=1)]


class ShopApiSettings(_Pepper):
    """shop_api. `public_origin` stands before the links in mails of the shop."""

    people_table: Name
    public_origin: Origin = ""


class _Recipients(Settings):
    """`recipient_credentials_arn`: a secret with what some of them want to be shown; empty where none does."""

    recipient_credentials_arn: ArnOrNone = ""


class OpendsrSettings(_Cases, _Pepper):
    """opendsr. `opendsr_key_arn` signs what we answer as a processor: empty where we are none."""

    privacy_request_arn: Arn
    deadline_watch_arn: Arn
    public_origin: Origin = ""
    opendsr_key_arn: ArnOrNone = ""


class CallBackSettings(_Cases):
    """call_back: there is none where we are no processor."""

    opendsr_key_arn: Arn


class StaffApiSettings(_Recipients, _Cases, _Letters, _StaffMail, _Pepper):
    """staff_api. `four_eyes`: who worked on a case may not release it. `evidence_key_arn` signs evidence."""

    people_table: Name
    export_bucket: Name
    mail_bucket: Name
    privacy_request_arn: Arn
    deadline_watch_arn: Arn
    evidence_key_arn: Arn
    end_retention_arn: Arn
    four_eyes: bool


class SendVerificationSettings(_Cases, _Letters, _Pepper):
    """send_verification"""

    people_table: Name


class RequestDecisionSettings(_Cases, _Letters, _Pepper):
    """request_decision"""


class CollectDataSettings(_Cases):
    """collect_data and collect_columnar"""

    export_bucket: Name


class PlanErasureSettings(_Cases):
    """plan_erasure"""

    export_bucket: Name


class RequestConfirmationSettings(_Cases, _Letters):
    """request_confirmation"""


class BeginErasureSettings(_Cases):
    """begin_erasure"""

    people_table: Name


class EraseDataSettings(_Cases):
    """erase_data"""

    export_bucket: Name


class SearchAgainSettings(_Cases):
    """search_again"""

    export_bucket: Name


class CertifyErasureSettings(_Cases, _Pepper):
    """certify_erasure"""

    export_bucket: Name
    people_table: Name


class CorrectDataSettings(_Cases, _Letters):
    """correct_data"""

    export_bucket: Name


class BuildExportSettings(_Cases, _Pepper):
    """build_export"""

    export_bucket: Name
    people_table: Name


class RequestReleaseSettings(_Cases, _StaffMail):
    """request_release"""


class StopUseSettings(_Cases, _Letters, _StaffMail, _Pepper):
    """stop_use"""

    people_table: Name


class TellRecipientsSettings(_Recipients, _Cases, _Letters, _StaffMail, _Pepper):
    """tell_recipients"""

    export_bucket: Name


class TransferPackageSettings(_Cases):
    """transfer_package"""

    export_bucket: Name
    evidence_key_arn: Arn


class SendAnswerSettings(_Cases, _Letters):
    """send_answer"""


class CloseRequestSettings(_Cases, _Letters):
    """close_request"""

    export_bucket: Name


class RecordFailureSettings(_Cases, _StaffMail):
    """record_failure"""


class RecordDeliverySettings(_Cases, _StaffMail):
    """record_delivery"""

    people_table: Name


class CheckDeadlineSettings(_Recipients, _Cases, _StaffMail, _Letters, _Pepper):
    """check_deadline"""

    staff_pool_id: Name


class SweepDeadlinesSettings(_Cases, _StaffMail, _Pepper):
    """sweep_deadlines"""

    mail_bucket: Name
    inbound_queue_url: Name
    privacy_request_arn: Arn
    deadline_watch_arn: Arn


class EndRetentionSettings(_Cases, _StaffMail):
    """end_retention"""

    people_table: Name
    export_bucket: Name
    inbound_address: MailboxOrNone = ""


class ArchiveAuditSettings(Settings):
    """archive_audit"""

    evidence_bucket: Name
