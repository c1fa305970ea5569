"""A running stack: the template booted, its functions, gateway, events and clock, in this process.

    with LocalStack.boot() as stack:
        stack.invoke("SweepDeadlinesFunction", {})
        stack.advance(timedelta(days=30))

State lives in memory and is gone with the process. There is one stack in a process at a time, for moto's state and the
clock belong to the whole process.
"""

import importlib
import json
import logging
import tempfile
import threading
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Literal, Self, cast
from urllib.parse import urlsplit

from moto import mock_aws

from local import moto_fixes
from local.account import Clients, local_account
from local.aws_endpoint import AwsEndpoint
from local.clock import Clock
from local.control import Control
from local.events.inbound_mail import InboundMail, Received
from local.events.mail_feedback import MailFeedback
from local.events.pump import Pump, Source
from local.events.queues import QueueReader, RelayReader
from local.events.schedules import Timetable
from local.events.streams import StreamReader
from local.executions import Execution, Executions
from local.expiry import Expiry
from local.gateway.app import Gateway
from local.gateway.server import Server
from local.in_process import InProcess
from local.lambdas import Functions, Outcome, Runner
from local.merchant_shop import Shop, ShopDirectory, merchant_files
from local.outbox import Mail, Outbox
from local.receipt_rules import activate
from local.stack import Stack
from local.staff import Staff
from local.template import declared_parameters, read_template
from local.timeline import SETTLE_SECONDS, Timeline
from local.workers import Workers

ROOT: Final = Path(__file__).parent.parent
NAME: Final = "rightsdesk"

Mode = Literal["in_process", "workers"]
_running = threading.Lock()

for _noisy in ("moto", "samtranslator", "werkzeug"):
    logging.getLogger(_noisy).setLevel(logging.CRITICAL)  # the histories of executions say what went wrong


class LocalStack:
    """Made by `boot`; ended by `close`, or at the end of a `with`."""

    def __init__(
        self,
        template: Path,
        *,
        parameters: Mapping[str, str],
        mode: Mode,
        merchant: Path,
        shop: Shop | Path | None,
        members: int,
        seed: int,
        port: int,
    ) -> None:
        if not _running.acquire(blocking=False):
            raise RuntimeError("there is a stack in this process already")
        with ExitStack() as undo:
            undo.callback(_running.release)
            self._folder = Path(undo.enter_context(tempfile.TemporaryDirectory(prefix="rightsdesk-")))
            undo.enter_context(local_account())
            undo.callback(moto_fixes.install(invoke=self._answer_moto).undo)
            mock = mock_aws(config={"stepfunctions": {"execute_state_machine": True}})
            mock.start()
            undo.callback(mock.stop)
            self.clock = Clock(offset_file=self._folder / "clock")
            undo.callback(self.clock.stop)
            self.clients = Clients()
            endpoint = AwsEndpoint()
            undo.callback(endpoint.stop)
            self.aws_endpoint = endpoint.url
            server = Server(port=port)
            undo.callback(server.stop)
            self.url = server.url

            self.merchant = merchant_files(
                merchant, shop if isinstance(shop, Path) else None, self._folder / "merchant"
            )
            names = self._make_shop(template, shop, members=members, seed=seed)
            self.shop = dict(names)  # parameter of the template -> name of the resource
            declared = declared_parameters(template)
            sources = {name: resource for name, resource in names.items() if name in declared}
            if isinstance(shop, Path):  # another shop may lack what the template knows of ours
                sources = {**{name: "not-used" for name, needed in declared.items() if needed}, **sources}
            if "InboundMail" in declared:  # mail comes in here too, by `receive_mail`
                sources["InboundMail"] = "true"
            self._stack = Stack(
                read_template(template, {**sources, **parameters}),
                name=NAME,
                clients=self.clients,
            )
            self._stack.deploy()
            self.outputs = self._stack.outputs
            self.deployment = self._stack.deployment
            self._at_home(names)
            self._activate_mail()

            self._runner = self._make_runner(mode)
            self.functions = Functions(self.deployment, runner=self._runner, clients=self.clients)
            undo.callback(self.functions.close)
            machines = self._stack.refs("AWS::StepFunctions::StateMachine")
            self._executions = Executions(machines, stepfunctions=self.client("stepfunctions"))
            undo.callback(self._executions.stop_all)
            timetable = Timetable(self.deployment.schedules, self.functions, self.clients, started_at=self.clock.now())
            self.mail_feedback = MailFeedback(
                self.deployment.mail_events,
                suppression=self.deployment.suppression,
                functions=self.functions,
                clients=self.clients,
            )
            self._inbound_mail = InboundMail(self.clients)
            sources_of_events = self._sources(timetable)
            queues = [source for source in sources_of_events if isinstance(source, QueueReader)]
            pump = Pump(sources_of_events)
            undo.callback(pump.stop)
            self._outbox = Outbox()
            expiry = Expiry(self.clients)
            self._timeline = Timeline(self.clock, self.functions, pump, timetable, queues, self._outbox, expiry)
            self.staff = self._make_staff()
            gateway = Gateway(
                self.deployment,
                functions=self.functions,
                clients=self.clients,
                aws_endpoint=self.aws_endpoint,
                hosts=frozenset({f"127.0.0.1:{server.port}", f"localhost:{server.port}", *self.deployment.domains}),
            )
            server.start(Control(self, gateway=gateway))
            pump.start()
            self._undo = undo.pop_all()

    @classmethod
    def boot(
        cls,
        template: Path = ROOT / "template.yaml",
        *,
        parameters: Mapping[str, str] | None = None,
        mode: Mode = "in_process",
        merchant: Path = ROOT / "layers" / "merchant",
        shop: Shop | Path | None = None,
        members: int = 200,
        seed: int = 7,
        port: int = 0,
    ) -> "LocalStack":
        """Boots `template`. `shop` is a directory, an object that makes a shop, or None for the sample shop.

        Raises TemplateError, ShopError, and OSError for a port that is taken.
        """
        return cls(
            template,
            parameters=parameters or {},
            mode=mode,
            merchant=merchant,
            shop=shop,
            members=members,
            seed=seed,
            port=port,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        self._undo.close()

    # What there is

    @property
    def now(self) -> datetime:
        return self.clock.now()

    @property
    def tables(self) -> list[str]:
        """The names of all tables, the merchant's too."""
        return sorted(self.client("dynamodb").list_tables()["TableNames"])

    @property
    def buckets(self) -> list[str]:
        return sorted(bucket["Name"] for bucket in self.client("s3").list_buckets()["Buckets"])

    def client(self, service: str) -> Any:
        """A boto3 client that sees the stack."""
        return self.clients(service)

    def ref(self, logical_id: str) -> Any:
        """What `!Ref logical_id` gives in the template: the name of a table or bucket, the ARN of a machine."""
        return self._stack.ref(logical_id)

    def outbox(self) -> list[Mail]:
        self._outbox.collect()
        return self._outbox.mails()

    def log(self, function: str) -> str:
        """What a function (logical id) has logged, in `workers` mode; in process it goes to standard output."""
        file = self._folder / f"{function}.log"
        return file.read_text(encoding="utf-8") if file.exists() else ""

    def local_url(self, url: str) -> str:
        """`url` as this machine can reach it: a link to S3, made in process, names amazonaws.com."""
        parts = urlsplit(url)
        host = parts.hostname or ""
        if not host.endswith(".amazonaws.com"):
            return url
        bucket, _, rest = host.partition(".s3.")
        path = f"/{bucket}{parts.path}" if rest else parts.path
        return f"{self.aws_endpoint}{path}?{parts.query}"

    # What it does

    def invoke(self, function: str, event: Any) -> Outcome:
        """Calls a function (logical id, name or ARN) and waits for its answer."""
        return self.functions.invoke(function, json.dumps(event).encode())

    def receive_mail(self, raw: bytes, **envelope: Any) -> Received:
        """Lets a mail come in, as Amazon SES would; `events/inbound_mail` says what `envelope` may hold, and raises."""
        return self._inbound_mail.receive(raw, **envelope)

    def has_received(self, message_id: str | None) -> bool:
        """Whether a mail came in under this id of SES."""
        return self._inbound_mail.has_received(message_id)

    def function_in(self, folder: str) -> str:
        """The logical id of the function whose code is in functions/`folder`. Raises KeyError."""
        for function in self.deployment.functions.values():
            if function.folder.name == folder:
                return function.logical_id
        raise KeyError(f"there is no function {folder}")

    def executions(self, machine: str | None = None) -> list[Execution]:
        """Every execution, of one machine (logical id) or of all, in the order of their start."""
        return self._executions.all(machine)

    def settle(self, *, seconds: float = SETTLE_SECONDS) -> None:
        """Waits until nothing is under way. Raises NotSettledError after `seconds` of real time."""
        self._timeline.settle(seconds=seconds)

    def advance(self, delta: timedelta) -> None:
        """Moves the clock forward; everything on the way happens in its order, and settles."""
        self._timeline.advance(delta)

    def warm_up(self) -> None:
        """Starts a process for each function in the background, in `workers` mode: the first calls wait for less."""
        if isinstance(self._runner, Workers):
            self._runner.warm_up(list(self.deployment.functions.values()))

    # How it is made

    def _answer_moto(self, name: str, payload: bytes, *, asynchronous: bool) -> tuple[bool, bytes]:
        return self.functions.answer_moto(name, payload, asynchronous=asynchronous)

    def _make_shop(self, template: Path, shop: Shop | Path | None, *, members: int, seed: int) -> Mapping[str, str]:
        if isinstance(shop, Path):
            maker: Shop = ShopDirectory(shop)
        elif shop is not None:
            maker = shop
        elif template == ROOT / "template.yaml":
            maker = cast("Shop", importlib.import_module("local.shop"))
        else:
            return {}
        names = maker.create(self.clients.session)
        maker.seed(self.clients.session, names, members=members, seed=seed)
        return names

    def _at_home(self, shop: Mapping[str, str]) -> None:
        """Adapts what functions are told: where the site is, and names of a shop that the template does not know."""
        sources = {f"SOURCE_{_upper_snake(parameter)}": name for parameter, name in shop.items()}
        senders = set()
        for name, function in self.deployment.functions.items():
            environment = dict(function.environment)
            if "PUBLIC_ORIGIN" in environment:
                environment["PUBLIC_ORIGIN"] = self.url
            if any(variable.startswith("SOURCE_") for variable in environment):
                environment |= sources
            if "MAIL_FROM" in environment:
                senders.add(environment["MAIL_FROM"])
            self.deployment.functions[name] = replace(function, environment=environment)
        for sender in senders:  # the merchant's verified address
            self.client("sesv2").create_email_identity(EmailIdentity=sender)

    def _activate_mail(self) -> None:
        """As the engineer does after the first deployment: CloudFormation can't."""
        for rule_set in list(self._stack.refs("AWS::SES::ReceiptRuleSet").values())[:1]:
            activate(self.client("ses"), rule_set)

    def _make_runner(self, mode: Mode) -> Runner:
        environment = {"MERCHANT_PATH": str(self.merchant)}
        if mode == "in_process":
            return InProcess(environment=environment)
        return Workers(
            environment={
                **environment,
                "AWS_ENDPOINT_URL": self.aws_endpoint,
                "LOCAL_CLOCK_OFFSET": str(self._folder / "clock"),
            },
            logs=self._folder,
        )

    def _sources(self, timetable: Timetable) -> list[Source]:
        sources: list[Source] = [timetable, self.mail_feedback]
        for source in self.deployment.sources:
            reader = StreamReader if ":dynamodb:" in source.source else QueueReader
            sources.append(reader(source, functions=self.functions, clients=self.clients))
        return sources + [
            RelayReader(relay, functions=self.functions, clients=self.clients) for relay in self.deployment.relays
        ]

    def _make_staff(self) -> Staff | None:
        pools = list(self._stack.refs("AWS::Cognito::UserPool").values())
        clients = list(self._stack.refs("AWS::Cognito::UserPoolClient").values())
        return Staff(pool=pools[0], client=clients[0], clients=self.clients) if pools and clients else None


def _upper_snake(name: str) -> str:
    return "".join(f"_{letter}" if letter.isupper() else letter for letter in name).lstrip("_").upper()
