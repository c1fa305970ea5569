"""Values into a model, and what does not fit into fields with reasons: stable codes, never a value."""

from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from rightsdesk.domain.errors import FieldProblem, InvalidInputError
from rightsdesk.web.strict_json import shown_name

ModelT = TypeVar("ModelT", bound=BaseModel)

# pydantic's error types as our reason codes; any other `..._type` is `wrong_type`, the rest is `invalid`.
_REASONS = {
    "missing": "missing",
    "ask_apart": "ask_apart",
    "not_a_choice": "not_a_choice",
    "not_callable": "not_callable",
    "not_for_this_right": "not_for_this_right",
    "extra_forbidden": "unknown_field",
    "string_too_short": "too_short",
    "too_short": "too_short",
    "string_too_long": "too_long",
    "too_long": "too_long",
    "string_pattern_mismatch": "wrong_format",
    "enum": "not_a_choice",
    "literal_error": "not_a_choice",
    "greater_than_equal": "out_of_range",
    "less_than_equal": "out_of_range",
}


def validated(model: type[ModelT], values: Mapping[str, Any]) -> ModelT:
    """Raises InvalidInputError naming each field that does not fit."""
    try:
        return model.model_validate(values)
    except ValidationError as error:
        raise InvalidInputError(field_problems(error)) from None  # the cause holds the values


def field_problems(error: ValidationError) -> list[FieldProblem]:
    found = error.errors(include_url=False, include_input=False)
    problems = [FieldProblem(_path((*each["loc"], *_within(each.get("ctx")))), _reason(each["type"])) for each in found]
    return list(dict.fromkeys(problems))


def _within(context: Mapping[str, Any] | None) -> tuple[str, ...]:
    """What is looked at as a whole says by `at` which of its fields does not fit."""
    return (context["at"],) if context and "at" in context else ()


def _path(location: tuple[int | str, ...]) -> str:
    return ".".join(str(part) if isinstance(part, int) else shown_name(part) for part in location) or "body"


def _reason(kind: str) -> str:
    return _REASONS.get(kind, "wrong_type" if kind.endswith("_type") else "invalid")
