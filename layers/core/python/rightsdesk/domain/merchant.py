"""Who the merchant is, as its pages, letters and dates need it: the model of `merchant.yaml`."""

from datetime import timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, ConfigDict, Field, field_validator

from rightsdesk.domain.fields import Label
from rightsdesk.domain.request import Country, Language


class BusinessYear(BaseModel):
    """Until when what belongs to a tax return is kept depends on it. The calendar year unless the merchant says so."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    ends_in_month: int = Field(default=12, ge=1, le=12)  # 3: on 31 March
    return_due_after_months: int = Field(default=2, ge=0, le=12)


class MerchantProfile(BaseModel):
    """The controller. Optional parts that are not set leave no trace in pages and letters."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Label
    address: Label
    contact_email: str
    country: Country
    zone: str
    privacy_policy_url: Label
    data_protection_officer: Label | None = None
    representative_in_the_eu: Label | None = None
    head: Label | None = None  # who represents the business (APPI 32(1)(i))
    security_measures: Label | None = None  # how data are kept safe, told on request (APPI 32(1)(iv))
    minimum_cell_size: int = Field(default=10, ge=3, le=1000)  # people behind each number of statistics that leave
    staff_language: Language = "en"
    assumed_country: Country = "IE"  # of who asks by mail in English: the strictest law, until they say where they live
    promise_months: int = Field(default=1, ge=1, le=3)  # where neither the GDPR nor the APPI holds
    question_working_days: int = Field(default=5, ge=1, le=20)  # in which a question is answered: no law says
    complaint_working_days: int = Field(default=10, ge=1, le=30)  # and a complaint
    download_days: int = Field(default=14, ge=1, le=30)
    downloads: int = Field(default=5, ge=1, le=20)
    business_year: BusinessYear = BusinessYear()

    @field_validator("zone")
    @classmethod
    def _is_a_zone(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise ValueError("not a time zone") from error
        return name

    @property
    def timezone(self) -> ZoneInfo:
        return ZoneInfo(self.zone)

    @property
    def download_window(self) -> timedelta:
        return timedelta(days=self.download_days)
