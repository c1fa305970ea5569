"""What the makers of resources share: how a type is declared, what it gives back, and what it may use."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from local.account import Clients
from local.deployment import Deployment
from local.template import TemplateError

Properties = Mapping[str, Any]


@dataclass(frozen=True)
class Made:
    """A resource that exists: what `Ref` and `Fn::GetAtt` give for it."""

    ref: Any
    attributes: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Site:
    """Where a resource is made."""

    name: str  # of the stack
    clients: Clients
    code: Mapping[str, Path]
    deployment: Deployment

    def physical_name(self, logical_id: str, given: str | None, *, limit: int = 64) -> str:
        """The name a resource gets: the template's, or one made of stack and logical id as CloudFormation does."""
        return given or f"{self.name}-{logical_id}"[:limit]


Maker = Callable[[Site, str, Properties], Made]


@dataclass(frozen=True)
class Kind:
    """A type of resource: its maker, the properties that it reads, and those that change nothing here, with why."""

    make: Maker
    reads: frozenset[str]
    without_effect: Mapping[str, str] = field(default_factory=dict)


def names(text: str) -> list[str]:
    """The names in `text`, which are parted by spaces: lists of properties are long."""
    return text.split()


def kind(make: Maker, reads: str, **without_effect: str) -> Kind:
    """`reads` is a list of property names parted by spaces."""
    return Kind(make, frozenset(names(reads)), without_effect)


def only(section: Mapping[str, Any], allowed: str, *, of: str) -> Mapping[str, Any]:
    """`section` itself, after a check that it holds nothing but `allowed` (names parted by spaces)."""
    unknown = set(section) - set(names(allowed))
    if unknown:
        raise TemplateError(f"{of}: nothing is done here with {', '.join(sorted(unknown))}")
    return section


# Why a property changes nothing here.
NO_BILL = "nobody sorts a bill here"
NO_TRACE = "there is no tracing here"
NO_RIGHTS = "rights are not enforced here; tests/infrastructure reads them in the template"
NO_REGION = "there is one region here"
NO_CONTAINER = "functions run in the Python of this machine"
FOR_PEOPLE = "it is there for whoever reads the template"
