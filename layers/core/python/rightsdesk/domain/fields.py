"""The words of the data map: what a field says about itself, and the lists that it refers to (GDPR 13-15, APPI 32)."""

# serves: E-01, E-02, E-07, P-10, P-12, T-2

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,59}$")]
"""What the map calls something: it becomes part of file names, so lower case ASCII."""
Attribute = Annotated[str, StringConstraints(min_length=1, max_length=255)]
"""A name in the merchant's own data: whatever they chose."""
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500)]


class Entry(BaseModel):
    """Anything written in the map: read only, and a key that we don't know is a mistake.

    Built when first used: the whole map at once where it is read, and nothing of it elsewhere.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True, defer_build=True)


class Label(Entry):
    """A text in both languages; neither may be missing."""

    en: Text
    ja: Text

    def of(self, language: str) -> str:
        return self.ja if language == "ja" else self.en


class Category(StrEnum):
    """Kinds of personal data, as answers name them (GDPR 15(1)(b)). `CATEGORY_LABELS` has them in words."""

    IDENTIFICATION = "identification"
    CONTACT = "contact"
    ACCOUNT = "account"
    PURCHASE = "purchase"
    PAYMENT = "payment"
    DELIVERY = "delivery"
    CORRESPONDENCE = "correspondence"
    CONSENT = "consent"
    SURVEY = "survey"
    USAGE = "usage"
    PROFILE = "profile"
    CREDENTIALS = "credentials"


CATEGORY_LABELS: dict[Category, Label] = {
    Category.IDENTIFICATION: Label(en="Who you are", ja="本人を識別する情報"),
    Category.CONTACT: Label(en="How to reach you", ja="連絡先"),
    Category.ACCOUNT: Label(en="Your account", ja="アカウント情報"),
    Category.PURCHASE: Label(en="What you bought", ja="購入履歴"),
    Category.PAYMENT: Label(en="How you paid", ja="お支払い情報"),
    Category.DELIVERY: Label(en="Deliveries", ja="配送情報"),
    Category.CORRESPONDENCE: Label(en="Messages between you and us", ja="お問い合わせ内容"),
    Category.CONSENT: Label(en="Your choices and consents", ja="同意の記録"),
    Category.SURVEY: Label(en="Your survey answers", ja="アンケートの回答"),
    Category.USAGE: Label(en="How you used our site", ja="サイトの利用状況"),
    Category.PROFILE: Label(en="What we concluded about you", ja="当社による推定情報"),
    Category.CREDENTIALS: Label(en="Log-in secrets", ja="認証情報"),
}


class Basis(StrEnum):
    """Legal bases of GDPR 6(1), in its order. Which rights apply follows from it."""

    CONSENT = "consent"
    CONTRACT = "contract"
    LEGAL_OBLIGATION = "legal_obligation"
    VITAL_INTERESTS = "vital_interests"
    PUBLIC_TASK = "public_task"
    LEGITIMATE_INTERESTS = "legitimate_interests"


BASIS_RULES = {  # ids in `law.rules.RULES`
    Basis.CONSENT: "GDPR-6-1-a",
    Basis.CONTRACT: "GDPR-6-1-b",
    Basis.LEGAL_OBLIGATION: "GDPR-6-1-c",
    Basis.VITAL_INTERESTS: "GDPR-6-1-d",
    Basis.PUBLIC_TASK: "GDPR-6-1-e",
    Basis.LEGITIMATE_INTERESTS: "GDPR-6-1-f",
}


class Origin(StrEnum):
    """Where a value comes from (GDPR 15(1)(g)); the first two are portable (GDPR 20, WP 242)."""

    PROVIDED = "provided"
    OBSERVED = "observed"
    INFERRED = "inferred"
    ASSIGNED = "assigned"


class FieldType(StrEnum):
    """What a value means where the source says less: a CSV file holds text only."""

    TEXT = "text"
    INTEGER = "integer"
    NUMBER = "number"
    BOOLEAN = "boolean"
    DATE = "date"
    TIMESTAMP = "timestamp"
    EPOCH_SECONDS = "epoch_seconds"
    EPOCH_MILLISECONDS = "epoch_milliseconds"
    OBJECT = "object"
    LIST = "list"


class FieldFormat(StrEnum):
    """How a text is written, where anybody can tell a wrong one: checked before a value is corrected (GDPR 16)."""

    EMAIL = "email"
    PHONE = "phone"
    POSTCODE = "postcode"
    COUNTRY = "country"  # ISO 3166-1, two letters


Corrector = Literal["subject", "staff", "nobody"]
"""On whose word a value is corrected: the person's, or that of staff, who have looked into it (APPI 34(2))."""


class Introduced(Entry):
    """How a purpose was added to the policy (P-12): its use begins for each member so many days after they were told,
    or once they agreed. A purpose without this was there from the beginning.
    """

    by: Literal["notice", "consent"]
    days: Annotated[int, Field(ge=0, le=365)] = 30  # after the notice


class Purpose(Entry):
    """One of the closed list of purposes of the privacy policy, with its clause (P-02).

    `basis` is that of the use itself: a newsletter needs a consent, whatever the address is held for.
    """

    clause: Annotated[str, StringConstraints(pattern=r"^[A-Z]{1,2}-[0-9]{1,2}$")]
    label: Label
    basis: Basis
    introduced: Introduced | None = None

    @model_validator(mode="after")
    def _as_its_basis(self) -> Self:
        if self.introduced and (self.introduced.by == "consent") != (self.basis is Basis.CONSENT):
            raise ValueError("a purpose on consent is introduced by consent, and every other by notice")
        return self


NEWSLETTER = "P-03"  # the clause of the purpose that our own page signs up for


def newsletter_of(purposes: Mapping[str, Purpose]) -> str | None:
    """The name of the newsletter among the purposes; None where the merchant has none."""
    return next((name for name, purpose in purposes.items() if purpose.clause == NEWSLETTER), None)


Regime = Literal["gdpr", "appi", "promise"]
"""What holds for a case: the names of `law.applicability.Law`."""


class Retention(Entry):
    """How long: `months` after the event `from`; no months where only the event counts (until withdrawn).

    `law_under` names the law in other words to whom a regime holds for: nobody is told of a law that is not theirs.
    """

    label: Label
    months: Annotated[int, Field(gt=0, le=1200)] | None = None
    start: Name = Field(alias="from")
    counts_from: Literal["day", "tax_return"] = "day"  # of the event, or when the return for its business year is due
    law: Label | None = None  # the law that makes the merchant keep it (E-15)
    law_under: dict[Regime, Label] = {}

    def law_for(self, regimes: Iterable[str]) -> Label | None:
        """As it is named where these hold, of which the first that has words of its own decides."""
        own = (label for regime in regimes for name, label in self.law_under.items() if name == regime)
        return next(own, self.law)

    @model_validator(mode="after")
    def _named_to_everybody(self) -> Self:
        if self.law_under and self.law is None:
            raise ValueError("`law_under` is for a `law`, which everybody else is told")
        return self


class Identifier(Entry):
    """A kind of key to a person's data. Only a `verifiable` one can be proven; all others are found on the way.

    `suppressed`: of those of an erased person a keyed digest is kept, so that nothing brings the person back unseen.
    """

    label: Label
    verifiable: bool = False
    suppressed: bool = False


class DataField(Entry):
    """One field of a collection. What is not described here leaves with nobody: the map is an allow-list."""

    label: Label
    category: Category
    purposes: Annotated[tuple[Name, ...], Field(min_length=1)]
    basis: Basis
    retention: Name
    origin: Origin
    recipients: tuple[Name, ...] = ()
    about: Literal["subject", "other_person"] = "subject"
    identifies: Name | None = None
    identified_by: tuple[Attribute, ...] = ()  # of a list of objects: the parts that make a value, joined by colons
    role: Literal["mailbox_changed_at", "order_number", "postcode"] | None = None
    type: FieldType | None = None
    format: FieldFormat | None = None
    corrected_by: Corrector | None = None
    same_as: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*/[a-z][a-z0-9_]*\.\S+$")] | None = None
    disputed_in: Attribute | None = None  # the field beside it that takes what the person says against it
    currency: Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")] | None = None
    schema_org: Annotated[str, StringConstraints(pattern=r"^[a-z][A-Za-z]+$")] | None = None
    disclose: Literal["always", "never"] = "always"
    ground: Literal["security", "rights_of_others", "trade_secret", "crime_prevention"] | None = None
    reason: Label | None = None

    @property
    def portable(self) -> bool:
        """In the scope of GDPR 20, about the subject, and disclosed."""
        return self.meant_for_portability and self.about == "subject" and self.disclosed

    @property
    def meant_for_portability(self) -> bool:
        """What GDPR 20(1) speaks of: provided or observed, on consent or contract."""
        return self.origin in (Origin.PROVIDED, Origin.OBSERVED) and self.basis in (Basis.CONSENT, Basis.CONTRACT)

    @property
    def disclosed(self) -> bool:
        return self.disclose == "always"

    @property
    def corrector(self) -> Corrector:
        """As the map says; else the person corrects what they gave, and staff what was observed or assigned.

        Nobody overwrites a key to a person, what identity is checked by, a conclusion, what is about somebody else, or
        what is never shown.
        """
        if self.corrected_by is not None:
            return self.corrected_by
        if self.identifies or self.role or self.origin is Origin.INFERRED:
            return "nobody"
        if self.about == "other_person" or not self.disclosed:
            return "nobody"
        return "subject" if self.origin is Origin.PROVIDED else "staff"

    @model_validator(mode="after")
    def _is_corrected_by_who_may(self) -> Self:
        if self.corrector != "nobody" and (self.origin is Origin.INFERRED or self.about == "other_person"):
            raise ValueError("`corrected_by: nobody`: a conclusion is disputed, and others speak for themselves")
        if self.corrector != "nobody" and self.role:
            raise ValueError("`corrected_by: nobody`: identity is checked by it")
        if self.disputed_in and self.origin is not Origin.INFERRED:
            raise ValueError("`disputed_in` is for what was inferred; all else is corrected")
        if self.format and self.type not in (None, FieldType.TEXT):
            raise ValueError("`format` is for text")
        return self

    @model_validator(mode="after")
    def _says_why_it_is_withheld(self) -> Self:
        if not self.disclosed and not (self.ground and self.reason):
            raise ValueError("a field that is never disclosed needs `ground` and `reason`")
        if self.disclosed and (self.ground or self.reason):
            raise ValueError("`ground` and `reason` belong to `disclose: never`")
        return self

    @model_validator(mode="after")
    def _keeps_to_the_subject(self) -> Self:
        if self.about == "other_person" and self.identifies:
            raise ValueError("a field about another person can't identify the subject")
        if self.identified_by and not (self.identifies and self.type is FieldType.LIST):
            raise ValueError("`identified_by` is for a list of objects that identifies")
        if self.schema_org and not self.portable:
            raise ValueError("`schema_org` is for portable fields: provided or observed, on consent or contract")
        if self.currency and self.type not in (None, FieldType.INTEGER, FieldType.NUMBER):
            raise ValueError("`currency` is for amounts")
        return self
