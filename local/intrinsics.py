"""Evaluates CloudFormation's intrinsic functions. One that is unknown here raises; nothing passes through unread."""

import base64
import json
import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from local.account import ACCOUNT, REGION
from local.template import Template, TemplateError

_VARIABLE = re.compile(r"\$\{([^}]+)\}")
_NO_VALUE = object()

STACK_UUID: Final = "1f0c5b4e-0000-4000-8000-000000000000"  # CloudFormation's own would be another for each stack


class Intrinsics:
    """`reference(name)` gives a resource's Ref, `attribute(name, attribute)` its Fn::GetAtt."""

    def __init__(
        self,
        template: Template,
        *,
        stack_name: str,
        reference: Callable[[str], Any],
        attribute: Callable[[str, str], Any],
    ) -> None:
        self._template = template
        self._reference = reference
        self._attribute = attribute
        self._values: Mapping[str, Any] = {
            **template.parameters,
            "AWS::Region": REGION,
            "AWS::AccountId": ACCOUNT,
            "AWS::Partition": "aws",
            "AWS::URLSuffix": "amazonaws.com",
            "AWS::StackName": stack_name,
            "AWS::StackId": f"arn:aws:cloudformation:{REGION}:{ACCOUNT}:stack/{stack_name}/{STACK_UUID}",
            "AWS::NotificationARNs": [],
            "AWS::NoValue": _NO_VALUE,
        }
        self._functions: Mapping[str, Callable[[Any], Any]] = {
            "Ref": self._ref,
            "Fn::GetAtt": self._get_att,
            "Fn::Sub": self._sub,
            "Fn::Join": lambda argument: argument[0].join(map(str, self.value(argument[1]))),
            "Fn::Select": lambda argument: self.value(argument[1])[int(self.value(argument[0]))],
            "Fn::Split": lambda argument: self.value(argument[1]).split(argument[0]),
            "Fn::If": lambda argument: self._evaluate(argument[1 if self.condition(argument[0]) else 2]),
            "Fn::Equals": lambda argument: str(self.value(argument[0])) == str(self.value(argument[1])),
            "Fn::Not": lambda argument: not self.value(argument[0]),
            "Fn::And": lambda argument: all(map(self.value, argument)),
            "Fn::Or": lambda argument: any(map(self.value, argument)),
            "Fn::FindInMap": self._find_in_map,
            "Fn::Base64": lambda argument: base64.b64encode(self.value(argument).encode()).decode(),
            "Fn::Length": lambda argument: len(self.value(argument)),
            "Fn::ToJsonString": lambda argument: json.dumps(self.value(argument)),
        }

    def value(self, expression: Any) -> Any:
        """`expression` with everything evaluated; None where it is AWS::NoValue as a whole."""
        result = self._evaluate(expression)
        return None if result is _NO_VALUE else result

    def condition(self, name: str) -> bool:
        try:
            return bool(self.value(self._template.conditions[name]))
        except KeyError as error:
            raise TemplateError(f"there is no condition {name}") from error

    def _evaluate(self, expression: Any) -> Any:
        if isinstance(expression, list):
            return [item for item in map(self._evaluate, expression) if item is not _NO_VALUE]
        if not isinstance(expression, dict):
            return expression
        if len(expression) == 1:
            ((name, argument),) = expression.items()
            if name == "Condition" and isinstance(argument, str):
                return self.condition(argument)
            if name in self._functions:
                return self._functions[name](argument)
            if name.startswith("Fn::"):
                raise TemplateError(f"{name} is not known here")
        evaluated = {key: self._evaluate(item) for key, item in expression.items()}
        return {key: item for key, item in evaluated.items() if item is not _NO_VALUE}

    def _ref(self, name: str) -> Any:
        return self._values[name] if name in self._values else self._reference(name)

    def _get_att(self, argument: Any) -> Any:
        name, attribute = argument if isinstance(argument, list) else argument.split(".", 1)
        return self._attribute(name, self.value(attribute))

    def _sub(self, argument: Any) -> str:
        text, variables = argument if isinstance(argument, list) else (argument, {})

        def replace(match: re.Match[str]) -> str:
            name = match.group(1)
            if name.startswith("!"):
                return "${" + name[1:] + "}"
            if name in variables:
                return str(self.value(variables[name]))
            return str(self._get_att(name) if "." in name else self._ref(name))

        return _VARIABLE.sub(replace, text)

    def _find_in_map(self, argument: Any) -> Any:
        name, first, second = map(self.value, argument[:3])
        try:
            return self._template.mappings[name][first][second]
        except KeyError:
            if len(argument) > 3 and "DefaultValue" in argument[3]:
                return self._evaluate(argument[3]["DefaultValue"])
            raise TemplateError(f"there is no {name}.{first}.{second} in the mappings") from None
