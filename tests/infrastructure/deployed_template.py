"""The template as CloudFormation gets it: translated by AWS's own translator, everything evaluated."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from local.account import local_account
from local.intrinsics import Intrinsics
from local.template import Template, read_template

ROOT = Path(__file__).parent.parent.parent
SHOP = {"MembersTable": "shop-members", "OrdersTable": "shop-orders", "ShopBucket": "shop-files"}
STACK = "rightsdesk"


@dataclass(frozen=True)
class Deployed:
    """What one set of parameters deploys. A Ref reads `ref(Name)`, a Fn::GetAtt `Name.Attribute`."""

    template: Template
    resources: Mapping[str, Mapping[str, Any]]

    def of_type(self, kind: str) -> dict[str, Mapping[str, Any]]:
        """Logical id -> evaluated properties."""
        return {name: r.get("Properties", {}) for name, r in self.resources.items() if r["Type"] == kind}

    def one(self, name: str) -> Mapping[str, Any]:
        return self.resources[name].get("Properties", {})  # type: ignore[no-any-return]

    @property
    def functions(self) -> dict[str, Mapping[str, Any]]:
        return self.of_type("AWS::Lambda::Function")

    def role_of(self, function: str) -> Mapping[str, Any]:
        return self.one(self.functions[function]["Role"].removesuffix(".Arn"))

    def statements_of(self, role: Mapping[str, Any]) -> list[Mapping[str, Any]]:
        return [s for policy in role.get("Policies", []) for s in policy["PolicyDocument"]["Statement"]]


@cache
def deploy(**overrides: str) -> Deployed:
    """Names of intrinsic values stay readable, so that a rule can say which resource is meant."""
    with local_account():
        template = read_template(ROOT / "template.yaml", SHOP | overrides)
    intrinsics = Intrinsics(
        template,
        stack_name=STACK,
        reference=lambda name: f"ref({_known(template, name)})",
        attribute=lambda name, attribute: f"{_known(template, name)}.{attribute}",
    )
    return Deployed(
        template,
        {
            name: intrinsics.value({k: v for k, v in resource.items() if k != "Condition"})
            for name, resource in template.resources.items()
            if "Condition" not in resource or intrinsics.condition(resource["Condition"])
        },
    )


def deploy_every_function() -> Deployed:
    """With what is there under a condition alone: as a processor we call controllers back."""
    return deploy(UseOpenDsr="true")


def _known(template: Template, name: str) -> str:
    assert name in template.resources, f"{name} is referred to and does not exist"
    return name


def actions_of(statement: Mapping[str, Any]) -> list[str]:
    return _listed(statement["Action"])


def resources_of(statement: Mapping[str, Any]) -> list[str]:
    return _listed(statement["Resource"])


def _listed(value: Any) -> list[str]:
    return [value] if isinstance(value, str) else list(value)
