"""What the JSON doors take and give, beyond the views of the domain; for staff: `staff_models.py`.

Extra fields are refused (abuse case 51).

A model is built when it is first used, not when it is imported: a cold start pays for the one that it needs.
"""

from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationInfo
from pydantic_core import PydanticCustomError

from rightsdesk.domain.messages import LONGEST_MESSAGE
from rightsdesk.domain.questions import LONGEST_ANSWER
from rightsdesk.domain.request import (
    Agent,
    Aim,
    Country,
    Door,
    EmailText,
    Language,
    PlainLine,
    PlainText,
    Region,
    RequestType,
    Submission,
    details_needed,
    require_aim,
    require_one_answer,
)
from rightsdesk.law.countries import REGIONS, WORLD


def as_list(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


def distinct(types: tuple[RequestType, ...]) -> tuple[RequestType, ...]:
    if len(set(types)) < len(types):
        raise ValueError("each right is asked for once")
    return types


def existing_country(country: str) -> str:
    if country not in WORLD:
        raise PydanticCustomError("not_a_choice", "no country has this code")
    return country


def of_the_country(region: str | None, info: ValidationInfo) -> str | None:
    """Where the country itself is wrong, nothing more is said."""
    country = info.data.get("country")
    if region is not None and country and region not in REGIONS.get(country, ()):
        raise PydanticCustomError("not_a_choice", "not a region of this country")
    return region


def _said_where_needed(details: str | None, info: ValidationInfo) -> str | None:
    """Of purposes that are named the data map says whether they are advertising: the door looks (`require_said`)."""
    aim = info.data.get("aim") or Aim()
    named = aim.purposes
    if details is None and details_needed(info.data.get("types", ()), aim.objects_to, named, lambda: named):
        raise PydanticCustomError("missing", "this right needs to be told what it is about")
    return details


def _of_this_right(aim: Aim | None, info: ValidationInfo) -> Aim | None:
    """Where the right itself is wrong, nothing more is said."""
    if aim and "types" in info.data:
        require_aim(aim, info.data["types"])
    return aim


RequestTypes = Annotated[
    tuple[RequestType, ...],
    BeforeValidator(as_list, json_schema_input_type=RequestType | list[RequestType]),
    Field(min_length=1, max_length=len(RequestType)),
    AfterValidator(distinct),
    AfterValidator(require_one_answer),
]


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

    types: RequestTypes = Field(alias="type", description="access and portability go together, any other goes alone")
    email: EmailText
    name: Annotated[PlainLine, Field(min_length=1, max_length=200)]
    country: Annotated[Country, AfterValidator(existing_country), Field(description="ISO 3166-1, two letters")]
    region: Annotated[
        Region | None,
        AfterValidator(of_the_country),
        Field(description="ISO 3166-2, for who lives in Germany: it says which authority is competent"),
    ] = None
    language: Annotated[Language, Field(description="of our letters")]
    order_number: Annotated[PlainLine, Field(min_length=1, max_length=64)] | None = None
    aim: Annotated[
        Aim | None,
        AfterValidator(_of_this_right),
        Field(
            description="what exactly is to stop, by the names of the data map; what is left open means all that the "
            "right reaches",
            examples=[{"objects_to": "marketing"}],
        ),
    ] = None
    agent: Annotated[
        Agent | None,
        Field(
            description="who asks, where it is for somebody else: `email` and `name` are that person's, who gets the "
            "code and decides. `mandate`: your authority in words; send no document",
        ),
    ] = None
    details: Annotated[
        Annotated[PlainText, Field(min_length=1, max_length=600)] | None,
        AfterValidator(_said_where_needed),
        Field(
            validate_default=True,
            description="what is wrong and what is right, what to hold back, what to stop and what in the person's "
            "situation speaks against it (GDPR 21(1)): it must be said for rectification, restriction, question, "
            "complaint, and objection, but for one to marketing alone. Purposes that an objection names decide",
        ),
    ] = None

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


class MessageBody(Body):
    """A message about the request, in the person's own words."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"text": "I have found the letter. It is of 3 October."}]},
    )

    text: Annotated[PlainText, Field(min_length=1, max_length=LONGEST_MESSAGE)]


class AnswerBody(Body):
    """The answer to what staff asked, in the person's own words."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"text": "The orders of October 2026, please."}]},
    )

    text: Annotated[PlainText, Field(min_length=1, max_length=LONGEST_ANSWER)]


class AgentBody(Body):
    """Whether who asks for you gets a copy of the answer. Files stay behind a code to your own mailbox."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"gets_answers": True}]})

    gets_answers: Annotated[bool, Field(strict=True)]


class DownloadBody(Body):
    """Which part of the package, from 1. Most packages have one."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"part": 1}]})

    part: Annotated[int, Field(strict=True, ge=1, le=10_000)] = 1


def examples_of(model: type[BaseModel]) -> list[Any]:
    """The examples that a model carries for its description."""
    extra = model.model_config.get("json_schema_extra")
    examples = extra.get("examples") if isinstance(extra, dict) else None
    return examples if isinstance(examples, list) else []
