"""Makes the resources of a translated template, each by public calls to its service, in the order of their references.

What a type becomes is said in `resources`. Nothing is dropped in silence: an unknown type raises, and so does a
property that its maker neither reads nor names as one without effect.
"""

from collections.abc import Mapping
from typing import Any

from local.account import Clients
from local.deployment import Deployment
from local.intrinsics import Intrinsics
from local.resources import KINDS, WITHOUT_EFFECT
from local.resources.kind import Made, Site
from local.template import Template, TemplateError


class Stack:
    """A template brought to life. `deploy()` once, then read `deployment` and `outputs`."""

    def __init__(self, template: Template, *, name: str, clients: Clients) -> None:
        self.template = template
        self.deployment = Deployment()
        self.outputs: Mapping[str, Any] = {}
        self._site = Site(name=name, clients=clients, code=template.code, deployment=self.deployment)
        self._intrinsics = Intrinsics(template, stack_name=name, reference=self.ref, attribute=self.attribute)
        self._made: dict[str, Made] = {}
        self._making: list[str] = []

    def deploy(self) -> None:
        for name, resource in self.template.resources.items():
            if self._wanted(resource):
                self._make(name)
        self.outputs = {
            name: self._intrinsics.value(output["Value"])
            for name, output in self.template.outputs.items()
            if self._wanted(output)
        }

    def ref(self, name: str) -> Any:
        """What `!Ref name` gives."""
        return self._make(name).ref

    def attribute(self, name: str, attribute: str) -> Any:
        """What `!GetAtt name.attribute` gives."""
        made = self._make(name)
        if attribute not in made.attributes:
            raise TemplateError(f"{name} ({self.template.resources[name]['Type']}) has no attribute {attribute} here")
        return made.attributes[attribute]

    def refs(self, kind: str) -> dict[str, Any]:
        """Logical id -> Ref of every resource of one type that was made."""
        return {name: made.ref for name, made in self._made.items() if self.template.resources[name]["Type"] == kind}

    def _wanted(self, entry: Mapping[str, Any]) -> bool:
        return "Condition" not in entry or self._intrinsics.condition(entry["Condition"])

    def _make(self, name: str) -> Made:
        if name in self._made:
            return self._made[name]
        if name not in self.template.resources:
            raise TemplateError(f"there is no resource or parameter {name}")
        if name in self._making:
            raise TemplateError(f"these resources need one another: {' -> '.join([*self._making, name])}")
        resource = self.template.resources[name]
        if not self._wanted(resource):
            raise TemplateError(f"{name} is used, but its condition {resource['Condition']} does not hold")
        self._making.append(name)
        try:
            depends_on = resource.get("DependsOn") or []
            for dependency in [depends_on] if isinstance(depends_on, str) else depends_on:
                if self._wanted(self.template.resources[dependency]):
                    self._make(dependency)
            self._made[name] = self._call_maker(name, resource)
        finally:
            self._making.pop()
        return self._made[name]

    def _call_maker(self, name: str, resource: Mapping[str, Any]) -> Made:
        type_name = resource["Type"]
        if type_name in WITHOUT_EFFECT:
            # Its properties are evaluated all the same, so that a reference to nothing is found here too.
            self._intrinsics.value(resource.get("Properties") or {})
            return Made(ref=name, attributes={"Arn": name})
        if type_name not in KINDS:
            raise TemplateError(f"{name}: {type_name} is not known here; see local/resources")
        kind = KINDS[type_name]
        properties = self._intrinsics.value(resource.get("Properties") or {})
        unknown = set(properties) - kind.reads - set(kind.without_effect)
        if unknown:
            raise TemplateError(f"{name} ({type_name}): nothing is done here with {', '.join(sorted(unknown))}")
        return kind.make(self._site, name, properties)
