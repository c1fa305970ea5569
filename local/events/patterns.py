"""Event patterns, as filters of event sources use them: `{"eventName": ["INSERT"], "n": [{"prefix": "A"}]}`."""

from collections.abc import Mapping
from typing import Any

from local.template import TemplateError

_MISSING = object()


def matches(pattern: Mapping[str, Any], event: Mapping[str, Any]) -> bool:
    """Whether every part of `pattern` fits. Raises TemplateError for a comparison that is not known here."""
    return all(_part(expected, event.get(name, _MISSING)) for name, expected in pattern.items())


def _part(expected: Any, value: Any) -> bool:
    if isinstance(expected, Mapping):
        return isinstance(value, Mapping) and matches(expected, value)
    values = value if isinstance(value, list) else [value]
    return any(_one(rule, item) for rule in expected for item in values)


def _one(rule: Any, value: Any) -> bool:
    if not isinstance(rule, Mapping):
        return value is not _MISSING and type(rule) is type(value) and rule == value
    ((comparison, argument),) = rule.items()
    match comparison:
        case "exists":
            return (value is not _MISSING) is bool(argument)
        case "prefix":
            return isinstance(value, str) and value.startswith(argument)
        case "suffix":
            return isinstance(value, str) and value.endswith(argument)
        case "equals-ignore-case":
            return isinstance(value, str) and value.lower() == argument.lower()
        case "anything-but":
            excluded = argument if isinstance(argument, list) else [argument]
            return value is not _MISSING and not any(_one(item, value) for item in excluded)
        case "numeric":
            return isinstance(value, int | float) and _numeric(argument, value)
    raise TemplateError(f"a filter with {comparison} is not known here")


def _numeric(comparisons: list[Any], value: float) -> bool:
    tests = {
        "=": value.__eq__,
        "<": value.__lt__,
        "<=": value.__le__,
        ">": value.__gt__,
        ">=": value.__ge__,
    }
    return all(
        tests[operator](type(value)(number))
        for operator, number in zip(comparisons[::2], comparisons[1::2], strict=True)
    )
