"""What the running stack needs to know of the template beyond what lies in moto: the functions, the APIs, and what
calls which function.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal


@dataclass(frozen=True)
class Function:
    """A Lambda function as the template describes it."""

    logical_id: str
    name: str
    arn: str
    handler: str  # module.function
    folder: Path
    layers: tuple[Path, ...]
    environment: Mapping[str, str]
    timeout: int  # seconds
    memory: int  # MB
    dead_letter: str | None = None  # ARN of a queue or topic


@dataclass(frozen=True)
class AsyncPolicy:
    """What happens to an asynchronous invocation that fails."""

    retries: int = 2
    on_success: str | None = None  # ARN
    on_failure: str | None = None  # ARN


@dataclass(frozen=True)
class EventSource:
    """An event source mapping: a queue or a table's stream that is read for a function."""

    name: str
    source: str  # ARN
    function: str  # name or ARN
    batch_size: int
    filters: tuple[Mapping[str, Any], ...]  # patterns; any one suffices; none means everything
    partial_failures: bool
    retries: int  # streams only; -1 is for ever
    bisect: bool  # streams only
    on_failure: str | None  # ARN, streams only


@dataclass(frozen=True)
class Schedule:
    """A schedule of EventBridge and the targets that it starts."""

    name: str
    arn: str
    expression: str  # rate(...), cron(...), at(...)
    zone: str
    targets: tuple[Mapping[str, Any], ...]  # CloudFormation targets: Arn, Input?


@dataclass(frozen=True)
class Relay:
    """A queue of ours behind a topic or a rule: moto's own way from there to a function lacks the envelope."""

    kind: Literal["sns", "events"]
    queue_url: str
    function: str  # ARN
    source: str  # ARN of the subscription or rule


@dataclass(frozen=True)
class MailEvents:
    """Where the mail service says what became of the mails of one configuration set."""

    configuration_set: str
    kinds: frozenset[str]  # of events, in small letters: `delivery`
    topic: str  # ARN


@dataclass(frozen=True)
class Api:
    """A REST API: its OpenAPI body with all references evaluated."""

    logical_id: str
    body: Mapping[str, Any]


@dataclass
class Deployment:
    functions: dict[str, Function] = field(default_factory=dict)  # by name
    layers: dict[str, Path] = field(default_factory=dict)  # ARN -> folder
    policies: dict[str, AsyncPolicy] = field(default_factory=dict)  # by function name
    sources: list[EventSource] = field(default_factory=list)
    schedules: list[Schedule] = field(default_factory=list)
    relays: list[Relay] = field(default_factory=list)
    mail_events: list[MailEvents] = field(default_factory=list)
    suppression: dict[str, frozenset[str]] = field(default_factory=dict)  # configuration set -> BOUNCE, COMPLAINT
    apis: list[Api] = field(default_factory=list)
    stages: dict[str, tuple[str, tuple[Mapping[str, Any], ...]]] = field(default_factory=dict)  # API -> name, settings
    domains: list[str] = field(default_factory=list)  # custom host names
    buckets: dict[str, str] = field(default_factory=dict)  # logical id -> name
    tables: dict[str, str] = field(default_factory=dict)

    def function(self, name: str) -> Function:
        """By name, ARN (with or without a qualifier) or logical id. Raises KeyError."""
        plain = name.split(":")[6] if name.startswith("arn:") else name.split(":")[0]
        if plain in self.functions:
            return self.functions[plain]
        for function in self.functions.values():
            if function.logical_id == plain:
                return function
        raise KeyError(f"there is no function {name}")
