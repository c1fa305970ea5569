"""What the JSON doors take and give, beyond the views of the domain. Extra fields are refused (abuse case 51).

A model is built when it is first used, not when it is imported: a cold start pays for the one that it needs.
"""

from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from rightsdesk.domain.request import (
    Country,
    Door,
    EmailText,
    Language,
    PlainLine,
    PlainText,
    RequestType,
    Submission,
    Treatment,
    require_one_answer,
)

_PAGE = 25
_MAX_PAGE = 100


def _as_list(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


def _distinct(types: tuple[RequestType, ...]) -> tuple[RequestType, ...]:
    if len(set(types)) < len(types):
        raise ValueError("each right is asked for once")
    return types


def _digits(value: Any) -> Any:
    return int(value) if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 6 else value


RequestTypes = Annotated[
    tuple[RequestType, ...],
    BeforeValidator(_as_list, json_schema_input_type=RequestType | list[RequestType]),
    Field(min_length=1, max_length=len(RequestType)),
    AfterValidator(_distinct),
    AfterValidator(require_one_answer),
]
SeenVersion = Annotated[
    int,
    Field(
        strict=True,
        ge=1,
        le=2**31,
        description="`version` of the case as it was last read; to preview it or to read its held rows gives a new one",
    ),
]
_TREATMENTS = (
    "What becomes of rows about other people, by collection (`orders/orders`). `withhold`: these rows are left out; "
    "`redact`: they are given without the fields about other people; `give`: they are given whole."
)
_GROUNDS = (
    "One of `allowed_grounds` of the case. Under the GDPR, and where we promise the same: `gdpr_15_4` (rights of "
    "others), `gdpr_12_5` (manifestly unfounded or excessive), `gdpr_11_2` (can't be identified). Under the APPI: "
    "`appi_33_2_i` (harm to life, body, property or rights), `appi_33_2_ii` (would seriously hinder the business), "
    "`appi_33_2_iii` (would break another law)."
)


class Nothing(BaseModel):
    """No answer but the status: `{}`. As what a call takes: nothing is read."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)


class Body(BaseModel):
    """The JSON body of a call."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)


class Query(BaseModel):
    """The query string of a call."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)


class OpenApiDocument(BaseModel):
    """An OpenAPI 3.1 document."""

    model_config = ConfigDict(frozen=True, extra="allow", defer_build=True)


class EmptyBody(Body):
    """`{}`: the call says all there is to say."""

    model_config = ConfigDict(json_schema_extra={"examples": [{}]})


class SubmitBody(Body):
    """A new request. `type` is one right or a list of distinct ones; `country` is where the person lives."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "type": ["access", "portability"],
                    "email": "hanako.sato@example.jp",
                    "name": "佐藤 花子",
                    "country": "JP",
                    "language": "ja",
                    "order_number": "SO-2026-000123",
                    "details": "注文とメールマガジンについて知りたいです。",
                }
            ]
        }
    )

    types: RequestTypes = Field(alias="type")
    email: EmailText
    name: Annotated[PlainLine, Field(min_length=1, max_length=200)]
    country: Annotated[Country, Field(description="ISO 3166-1, two letters")]
    language: Annotated[Language, Field(description="of our letters")]
    order_number: Annotated[PlainLine, Field(min_length=1, max_length=64)] | None = None
    details: Annotated[PlainText, Field(min_length=1, max_length=600)] | None = None

    def submission(self) -> Submission:
        return Submission.model_validate({**dict(self), "door": Door.API})


class CodeBody(Body):
    """The code that we mailed. Spaces, hyphens and full-width digits are fine."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"code": "1234-5678"}]})

    code: Annotated[str, Field(min_length=1, max_length=64)]


class EvidenceBody(Body):
    """An order number and the postcode that it was sent to. The answer never says whether they were right."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"order_number": "SO-2026-000123", "postcode": "150-0001"}]}
    )

    order_number: Annotated[PlainLine, Field(min_length=1, max_length=64)]
    postcode: Annotated[PlainLine, Field(min_length=1, max_length=20)]


class DownloadBody(Body):
    """Which part of the package, from 1. Most packages have one."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"part": 1}]})

    part: Annotated[int, Field(strict=True, ge=1, le=10_000)] = 1


class PreviewBody(Body):
    """Which part of the draft, from 1. Most packages have one."""

    model_config = ConfigDict(json_schema_extra={"examples": [{}]})

    part: Annotated[int, Field(strict=True, ge=1, le=10_000)] = 1


class WorkListQuery(Query):
    """A page of the work list; `cursor` is `next` of the page before."""

    limit: Annotated[int, Field(strict=True, ge=1, le=_MAX_PAGE), BeforeValidator(_digits)] = _PAGE
    cursor: Annotated[str, Field(min_length=1, max_length=1024)] | None = None


class AssignmentBody(Body):
    """Who is to work on the case: the `sub` of a member of staff, `me` for oneself, or null for nobody."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"assignee": "8f14e45f-ceea-467f-a8b1-3d1c1b9a7c52"}]})

    assignee: Annotated[str, Field(pattern=r"^[A-Za-z0-9_.:-]{1,128}$")] | None


class ReleaseBody(Body):
    """Release the package. `held` needs a decision for each collection in `held` of the case, and for no other."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"version": 7, "held": {"orders/orders": "redact"}}]})

    version: SeenVersion
    held: Annotated[
        dict[Annotated[str, Field(max_length=128)], Treatment], Field(max_length=200, description=_TREATMENTS)
    ] = {}


class RefusalBody(Body):
    """Refuse the request. The person is told the ground and the reason, and where to complain."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "version": 7,
                    "ground": "gdpr_12_5",
                    "reason": "The same request was answered in full last week.",
                }
            ]
        }
    )

    version: SeenVersion
    ground: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,63}$", description=_GROUNDS)]
    reason: Annotated[PlainText, Field(min_length=1, max_length=2000, description="in plain words, for the letter")]


def examples_of(model: type[BaseModel]) -> list[Any]:
    """The examples that a model carries for its description."""
    extra = model.model_config.get("json_schema_extra")
    examples = extra.get("examples") if isinstance(extra, dict) else None
    return examples if isinstance(examples, list) else []
