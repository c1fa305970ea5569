"""Every change that we make to moto (pinned at 5.2.5), and nothing else.

Each function mends one thing and says what is wrong without it; tests/unit/local/test_moto_fixes.py shows each fault
in plain moto, so that the day moto mends it, a test fails and the function can go.
"""

import base64
import copy
import datetime
import importlib
import json
import threading
import time
import types
from collections.abc import Callable, Mapping
from typing import Any, Final, Protocol

import boto3
from botocore.config import Config
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from moto.awslambda.models import LambdaFunction
from moto.core.base_backend import BaseBackend
from moto.core.responses import EmptyResult
from moto.core.serialize import BaseJSONSerializer
from moto.dynamodb.models import DynamoDBBackend
from moto.dynamodb.models.dynamo_type import DynamoType
from moto.dynamodb.models.table import Table
from moto.dynamodb.responses import DynamoHandler
from moto.dynamodbstreams.models import ShardIterator
from moto.dynamodbstreams.responses import DynamoDBStreamsHandler
from moto.kms.responses import KmsResponse
from moto.ses.models import ses_backends
from moto.sesv2.responses import SESV2Response
from moto.stepfunctions.parser.api import TaskTimedOut
from moto.stepfunctions.parser.asl.component.common.retry import retrier_decl
from moto.stepfunctions.parser.asl.component.state.exec.state_task import lambda_eval_utils
from moto.stepfunctions.parser.asl.component.state.wait.wait_function import timestamp
from moto.stepfunctions.parser.asl.eval.callback.callback import CallbackEndpoint, CallbackPoolManager
from moto.stepfunctions.parser.asl.eval.environment import Environment
from moto.stepfunctions.parser.asl.eval.program_state import ProgramStopped
from moto.stepfunctions.parser.asl.parse.asl_parser import AmazonStateLanguageParser
from moto.stepfunctions.parser.asl.parse.preprocessor import Preprocessor
from moto.stepfunctions.responses import StepFunctionResponse

from local.account import REGION
from local.clock import EngineThread, VirtualEvent

TASK_SECONDS: Final = 900  # the longest that a function may run

_ENGINE = "moto.stepfunctions.parser."
_MISSING: Any = object()


class Patches:
    """What has been replaced, so that it can be put back."""

    def __init__(self) -> None:
        self._undo: list[tuple[Any, str, Any]] = []

    def set(self, owner: Any, name: str, value: Any) -> Any:
        """Replaces `owner.name` and returns what was there (also when inherited)."""
        before = getattr(owner, name)
        self._undo.append((owner, name, vars(owner).get(name, _MISSING)))
        setattr(owner, name, value)
        return before

    def undo(self) -> None:
        while self._undo:
            owner, name, before = self._undo.pop()
            if before is _MISSING:
                delattr(owner, name)
            else:
                setattr(owner, name, before)


class Invoke(Protocol):
    """Runs a function for moto; answers (is an error, payload). An asynchronous one answers at once."""

    def __call__(self, name: str, payload: bytes, *, asynchronous: bool) -> tuple[bool, bytes]: ...


def install(*, invoke: Invoke) -> Patches:
    """Mends moto for one running stack; `undo()` of what comes back restores it."""
    patches = Patches()
    run_functions_here(patches, invoke)
    engine_follows_the_clock(patches)
    wait_never_ends_early(patches)
    stopping_an_execution_stops_it(patches)
    failure_keeps_its_cause(patches)
    token_works_once(patches)
    definition_is_parsed_once(patches)
    tasks_share_a_client(patches)
    plain_values_are_written_as_they_are(patches)
    addresses_are_made_once(patches)
    tables_serve_one_call_at_a_time(patches)
    transaction_touches_its_items_only(patches)
    query_reads_its_partition_only(patches)
    idle_stream_keeps_its_iterator(patches)
    mail_keeps_what_it_was_sent_with(patches)
    digest_is_signed_as_it_is(patches)
    return patches


def run_functions_here(patches: Patches, invoke: Invoke) -> None:
    """moto runs a function in a container. All its invocations meet in `LambdaFunction.invoke`: we answer there.

    S3 notifications and the like come without headers and want no answer, so they count as asynchronous.
    """

    def answer(
        self: LambdaFunction, body: str | bytes, request_headers: Mapping[str, Any], response_headers: dict[str, Any]
    ) -> bytes:
        headers = {name.lower(): value for name, value in request_headers.items()} if request_headers else {}
        payload = body if isinstance(body, bytes) else (body or "{}").encode()
        asynchronous = not headers or headers.get("x-amz-invocation-type") == "Event"
        failed, result = invoke(self.function_name, payload, asynchronous=asynchronous)
        if failed:
            response_headers["x-amz-function-error"] = "Unhandled"
        return result

    patches.set(LambdaFunction, "invoke", answer)


def engine_follows_the_clock(patches: Patches) -> None:
    """moto's engine waits in real time: a Wait of 30 days takes 30 days. See `clock`."""
    threads = _shim(threading, Event=VirtualEvent, Thread=EngineThread)
    component = _ENGINE + "asl.component."
    replacements: dict[str, dict[str, Any]] = {
        _ENGINE + "backend.execution_worker": {"Thread": EngineThread},
        component + "program.program": {"threading": threads},
        component + "state.exec.execute_state": {"threading": threads, "Thread": EngineThread},
        component + "state.exec.state_map.iteration.inline_iteration_component": {"threading": threads},
        component + "state.exec.state_map.iteration.job": {"threading": threads},
        component + "state.exec.state_parallel.branch_worker": {"threading": threads},
        component + "state.exec.state_parallel.branches_decl": {"threading": threads},
        component + "state.exec.state_task.service.state_task_service_callback": {"threading": threads},
        _ENGINE + "asl.eval.environment": {"threading": threads},
        _ENGINE + "asl.eval.callback.callback": {"Event": VirtualEvent},
    }
    for module, names in replacements.items():
        for name, replacement in names.items():
            patches.set(importlib.import_module(module), name, replacement)

    # Retry sleeps; here it waits on its execution's own event, which a stop sets.
    waiting = threading.local()
    evaluate = retrier_decl.RetrierDecl._eval_body

    def evaluate_retry(self: Any, env: Environment) -> None:
        waiting.event = env.program_state_event
        evaluate(self, env)

    patches.set(retrier_decl.RetrierDecl, "_eval_body", evaluate_retry)
    patches.set(retrier_decl, "time", _shim(time, sleep=lambda seconds: waiting.event.wait(seconds)))


def wait_never_ends_early(patches: Patches) -> None:
    """moto rounds the seconds to a timestamp down: a Wait ends up to a second before its time."""

    class WholeSeconds(datetime.datetime):
        @classmethod
        def now(cls, tz: datetime.tzinfo | None = None) -> "WholeSeconds":
            return super().now(tz).replace(microsecond=0)

    patches.set(timestamp, "datetime", _shim(datetime, datetime=WholeSeconds))


def stopping_an_execution_stops_it(patches: Patches) -> None:
    """In moto StopExecution leaves a task that waits for its token as it is, and RUNNING, until its timeout; and what
    the interrupted states raise afterwards makes FAILED out of ABORTED.
    """
    set_stop = Environment.set_stop
    set_error = Environment.set_error

    def stop(self: Environment, *args: Any, **kwargs: Any) -> None:
        set_stop(self, *args, **kwargs)
        for endpoint in list(self.callback_pool_manager._pool.values()):
            endpoint.interrupt_all()

    def fail(self: Environment, *args: Any, **kwargs: Any) -> None:
        if not isinstance(self._program_state, ProgramStopped):
            set_error(self, *args, **kwargs)

    patches.set(Environment, "set_stop", stop)
    patches.set(Environment, "set_error", fail)


def failure_keeps_its_cause(patches: Patches) -> None:
    """moto drops the cause that SendTaskFailure is given."""

    def send_task_failure(self: StepFunctionResponse) -> Any:
        backend: Any = self.stepfunction_backend
        backend.send_task_failure(
            self._get_param("taskToken"), error=self._get_param("error"), cause=self._get_param("cause")
        )
        return EmptyResult()

    patches.set(StepFunctionResponse, "send_task_failure", send_task_failure)


def token_works_once(patches: Patches) -> None:
    """moto accepts a task token a second time, and after its task is over; AWS answers TaskTimedOut."""
    notify = CallbackPoolManager.notify
    interrupt_all = CallbackEndpoint.interrupt_all

    def once(self: CallbackPoolManager, callback_id: str, outcome: Any) -> bool:
        endpoint = self.get(callback_id)
        if endpoint is not None and (endpoint.get_outcome() is not None or getattr(endpoint, "over", False)):
            raise TaskTimedOut("Task Timed Out: 'Provided task does not exist anymore'", "TaskTimedOut", 400)
        answered: bool = notify(self, callback_id, outcome)
        return answered

    def close(self: CallbackEndpoint) -> None:
        self.over = True  # type: ignore[attr-defined]  # a mark of ours
        interrupt_all(self)

    patches.set(CallbackPoolManager, "notify", once)
    patches.set(CallbackEndpoint, "interrupt_all", close)


_TREES: Final[dict[str, Any]] = {}  # definition -> tree, for every stack of this process
_PARSING: Final = threading.Lock()


def definition_is_parsed_once(patches: Patches) -> None:
    """moto parses the whole definition at each start: 100 ms of CPU, in the execution's own thread, by a parser whose
    tables are shared without a lock, so that two starts at once may break each other.

    The tree is kept; what is evaluated is made from it anew.
    """
    parse = AmazonStateLanguageParser.parse

    def parse_once(definition: str) -> tuple[Any, Any]:
        with _PARSING:
            if definition not in _TREES:
                _TREES[definition] = parse(definition)[1]
            return Preprocessor().visit(_TREES[definition]), _TREES[definition]

    patches.set(AmazonStateLanguageParser, "parse", staticmethod(parse_once))


def tasks_share_a_client(patches: Patches) -> None:
    """moto makes a client for each task that calls a function: 20 ms of CPU. And whoever makes a client reads
    os.environ, which `in_process` lends to a function at that moment: a variable may go while it is read.
    """
    client = boto3.client(
        "lambda",
        region_name=REGION,
        config=Config(parameter_validation=False, retries={"total_max_attempts": 1}, read_timeout=TASK_SECONDS),
    )
    patches.set(lambda_eval_utils, "boto_client_for", lambda **_: client)


def plain_values_are_written_as_they_are(patches: Patches) -> None:
    """moto writes an attribute of an item, `{"S": "x"}`, by asking for each of the ten members of AttributeValue under
    every name that it might have: a third of the time of all calls to tables. It is on the wire already.
    """
    plain = frozenset({"S", "N", "BOOL", "NULL", "SS", "NS"})
    serialize = BaseJSONSerializer._serialize_type_structure

    def serialize_structure(self: Any, serialized: Any, value: Any, shape: Any, key: str) -> None:
        if key and shape.name == "AttributeValue" and type(value) is dict and plain.issuperset(value):
            self._default_serialize(serialized, dict(value), shape, key)
        else:
            serialize(self, serialized, value, shape, key)

    patches.set(BaseJSONSerializer, "_serialize_type_structure", serialize_structure)


def addresses_are_made_once(patches: Patches) -> None:
    """moto makes the patterns of all addresses of a service anew for each call to it, and for S3 reads the module that
    holds them from disk once more: a quarter of what a call costs.
    """
    made: dict[type, dict[str, Any]] = {}
    urls = BaseBackend.urls.fget  # type: ignore[attr-defined]

    def urls_of(self: BaseBackend) -> dict[str, Any]:
        kind = type(self)
        if kind not in made:
            made[kind] = urls(self)
        return made[kind]

    patches.set(BaseBackend, "urls", property(urls_of))


def tables_serve_one_call_at_a_time(patches: Patches) -> None:
    """moto's tables lose updates under threads: a condition may hold for two writers at once."""
    lock = threading.RLock()
    for handler in (DynamoHandler, DynamoDBStreamsHandler):
        patches.set(handler, "call_action", _locked(handler.call_action, lock))


def _locked(call_action: Callable[[Any], Any], lock: Any) -> Callable[[Any], Any]:
    def one_at_a_time(self: Any) -> Any:
        with lock:
            return call_action(self)

    return one_at_a_time


def transaction_touches_its_items_only(patches: Patches) -> None:
    """moto copies whole tables for each TransactWriteItems, stream included (130 ms at 1,000 items), and puts the
    copies in place when the transaction is cancelled, so that iterators of the stream read the old one for ever.

    We keep the items that the transaction names, and put those back.
    """
    models = importlib.import_module(DynamoDBBackend.__module__)
    transact = DynamoDBBackend.transact_write_items

    def deepcopy(value: Any, *args: Any) -> Any:
        return value if isinstance(value, Table) else copy.deepcopy(value, *args)

    def transact_write_items(self: DynamoDBBackend, transact_items: list[dict[str, Any]]) -> None:
        before = [_item_before(self, operation) for item in transact_items for operation in item.values()]
        records = {id(table): len(table.stream_shard.items) for table, *_ in before if table.stream_shard}
        try:
            transact(self, transact_items)
        except Exception:
            for table, hash_key, range_key, item in before:
                _put_back(table, hash_key, range_key, item)
                if table.stream_shard:
                    del table.stream_shard.items[records[id(table)] :]
            raise

    patches.set(models, "copy", _shim(copy, deepcopy=deepcopy))
    patches.set(DynamoDBBackend, "transact_write_items", transact_write_items)


def _item_before(backend: DynamoDBBackend, operation: dict[str, Any]) -> tuple[Table, Any, Any, Any]:
    table = backend.get_table(operation["TableName"])
    key = operation.get("Key") or operation["Item"]
    hash_key = DynamoType(key[table.hash_key_attr])
    range_key = DynamoType(key[table.range_key_attr]) if table.range_key_attr else None
    return table, hash_key, range_key, copy.deepcopy(table.get_item(hash_key, range_key))


def _put_back(table: Table, hash_key: Any, range_key: Any, item: Any) -> None:
    rows: Any = table.items if range_key is None else table.items[hash_key]
    key = hash_key if range_key is None else range_key
    if item is None:
        rows.pop(key, None)
    else:
        rows[key] = item
    if range_key is not None and not rows:
        del table.items[hash_key]


def query_reads_its_partition_only(patches: Patches) -> None:
    """moto sorts the whole table for each Query (57 a second at 1,000 items); it sorts the result again anyhow."""
    all_items = Table.all_items
    query = Table.query
    reading = threading.local()

    def items(self: Table) -> list[Any]:
        wanted = getattr(reading, "partition", None)
        if wanted is None:
            found: list[Any] = all_items(self)
            return found
        table, hash_key = wanted
        rows = table.items.values() if hash_key is None else [table.items.get(hash_key, {})]
        if table.range_key_attr:
            return [item for row in rows for item in row.values()]
        return [row for row in rows if row]

    def query_partition(self: Table, hash_key: Any, *args: Any, **kwargs: Any) -> Any:
        index = kwargs.get("index_name") or (args[6] if len(args) > 6 else None)
        reading.partition = (self, None if index else hash_key)
        try:
            return query(self, hash_key, *args, **kwargs)
        finally:
            reading.partition = None

    patches.set(Table, "all_items", items)
    patches.set(Table, "query", query_partition)


def idle_stream_keeps_its_iterator(patches: Patches) -> None:
    """moto keeps a new iterator for ever at each reading of a stream, also when there was nothing to read."""
    get = ShardIterator.get

    def records(self: ShardIterator, limit: int = 1000) -> dict[str, Any]:
        if not self.stream_shard.get(self.sequence_number, 1):
            return {"NextShardIterator": self.arn, "Records": []}
        page: dict[str, Any] = get(self, limit)
        self.streams_backend.shard_iterators.pop(self.arn, None)
        return page

    patches.set(ShardIterator, "get", records)


def mail_keeps_what_it_was_sent_with(patches: Patches) -> None:
    """moto drops the configuration set, the tags and the time of a mail; `mail_feedback` and `outbox` need them."""
    send_email = SESV2Response.send_email

    def send(self: SESV2Response) -> str:
        answer = send_email(self)
        sent_id = json.loads(answer)["MessageId"]
        sent: list[Any] = ses_backends[self.current_account][self.region].sent_messages
        message = next(message for message in reversed(sent) if message.id == sent_id)
        message.sent_at = datetime.datetime.now(datetime.UTC)
        message.sent_with = json.loads(self.body)  # last: who finds it, finds all
        return answer

    patches.set(SESV2Response, "send_email", send)


def digest_is_signed_as_it_is(patches: Patches) -> None:
    """moto hashes what it is to sign also where that is a digest: the signature then fits no message."""
    sign = KmsResponse.sign

    def sign_digest(self: KmsResponse) -> str:
        algorithm, digest = self._get_param("SigningAlgorithm"), Prehashed(hashes.SHA256())
        ways: dict[str, tuple[Any, ...]] = {
            "ECDSA_SHA_256": (ec.ECDSA(digest),),
            "RSASSA_PKCS1_V1_5_SHA_256": (padding.PKCS1v15(), digest),
        }
        if self._get_param("MessageType") != "DIGEST" or algorithm not in ways:
            return sign(self)
        key: Any = self.kms_backend.describe_key(self._get_param("KeyId"))
        signature = key.private_key.private_key.sign(self._get_param("Message"), *ways[algorithm])
        answer = {"KeyId": key.arn, "Signature": base64.b64encode(signature).decode()}
        return json.dumps(answer | {"SigningAlgorithm": algorithm})

    patches.set(KmsResponse, "sign", sign_digest)


def _shim(module: types.ModuleType, **names: Any) -> types.ModuleType:
    """A stand-in for `module` in which `names` are replaced."""
    shim = types.ModuleType(module.__name__)
    shim.__dict__.update(vars(module))
    shim.__dict__.update(names)
    return shim
