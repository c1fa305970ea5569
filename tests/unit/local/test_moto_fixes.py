"""Each fault of plain moto, and that it is mended. When one of the `plain` halves fails, moto has mended it itself:
take the function out of local/moto_fixes.py.
"""

import hashlib
import importlib
import inspect
import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import ClientError
from moto import mock_aws
from moto.awslambda.models import LambdaFunction
from moto.core.serialize import BaseJSONSerializer
from moto.dynamodb.models import DynamoDBBackend
from moto.dynamodb.models.table import Table
from moto.dynamodbstreams.models import dynamodbstreams_backends
from moto.ses.models import ses_backends
from moto.stepfunctions.parser.asl.antlr.runtime.ASLParser import ASLParser
from moto.stepfunctions.parser.asl.component.common.string.string_expression import StringLiteral
from moto.stepfunctions.parser.asl.component.state.exec.state_task import lambda_eval_utils
from moto.stepfunctions.parser.asl.component.state.wait.wait_function.timestamp import Timestamp

from local import moto_fixes
from local.account import ACCOUNT, REGION, Clients, local_account
from local.clock import ENGINE, Clock, until

Aws = Callable[[str], Any]
ROLE = f"arn:aws:iam::{ACCOUNT}:role/engine"


@contextmanager
def moto(*, mended: bool) -> Iterator[Aws]:
    """moto as it comes, or as a stack runs it."""

    def invoke(name: str, payload: bytes, *, asynchronous: bool) -> tuple[bool, bytes]:
        return False, json.dumps({"function": name, "asynchronous": asynchronous, "got": json.loads(payload)}).encode()

    with local_account():
        patches = moto_fixes.install(invoke=invoke) if mended else moto_fixes.Patches()
        mock = mock_aws(config={"stepfunctions": {"execute_state_machine": True}})
        mock.start()
        try:
            yield Clients()
        finally:
            mock.stop()
            patches.undo()


def start(aws: Aws, states: dict[str, Any], *, first: str) -> str:
    machine = aws("stepfunctions").create_state_machine(
        name="machine", definition=json.dumps({"StartAt": first, "States": states}), roleArn=ROLE
    )["stateMachineArn"]
    arn: str = aws("stepfunctions").start_execution(stateMachineArn=machine, name="one", input="{}")["executionArn"]
    return arn


def describe(aws: Aws, execution: str) -> Any:
    return aws("stepfunctions").describe_execution(executionArn=execution)


def parked(aws: Aws) -> tuple[str, str]:
    """An execution that waits for its task token, and the token."""
    queue = aws("sqs").create_queue(QueueName="tokens")["QueueUrl"]
    body = {"token.$": "$$.Task.Token"}
    states = {
        "Ask": {
            "Type": "Task",
            "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken",
            "TimeoutSeconds": 600,
            "Parameters": {"QueueUrl": queue, "MessageBody": body},
            "Next": "Rest",
        },
        "Rest": {"Type": "Wait", "Seconds": 600, "End": True},
    }
    execution = start(aws, states, first="Ask")
    messages: list[Any] = []

    def arrived() -> bool:
        messages.extend(aws("sqs").receive_message(QueueUrl=queue).get("Messages", []))
        return bool(messages)

    assert until(arrived, seconds=5)
    return execution, json.loads(messages[0]["Body"])["token"]


def table(aws: Aws, *, stream: bool = False) -> Any:
    options: dict[str, Any] = {}
    if stream:
        options["StreamSpecification"] = {"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"}
    return aws("dynamodb").create_table(
        TableName="cases",
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
        AttributeDefinitions=[
            {"AttributeName": "pk", "AttributeType": "S"},
            {"AttributeName": "sk", "AttributeType": "S"},
        ],
        **options,
    )["TableDescription"]


def item(pk: str, sk: str) -> dict[str, Any]:
    return {"pk": {"S": pk}, "sk": {"S": sk}}


def test_functions_run_here_and_not_in_a_container() -> None:
    assert "_invoke_lambda" in inspect.getsource(LambdaFunction.invoke)
    with moto(mended=True) as aws:
        role = aws("iam").create_role(RoleName="r", AssumeRolePolicyDocument="{}")["Role"]["Arn"]
        aws("lambda").create_function(
            FunctionName="f", Runtime="python3.13", Handler="app.f", Role=role, Code={"ZipFile": b"-"}
        )
        answer = aws("lambda").invoke(FunctionName="f", Payload=b'{"a": 1}')
        assert json.load(answer["Payload"]) == {"function": "f", "asynchronous": False, "got": {"a": 1}}
        assert aws("lambda").invoke(FunctionName="f", InvocationType="Event", Payload=b"{}")["StatusCode"] == 202


@pytest.mark.parametrize("mended", [False, True])
def test_a_wait_follows_the_clock(mended: bool) -> None:
    with moto(mended=mended) as aws:
        clock = Clock()
        try:
            execution = start(aws, {"Rest": {"Type": "Wait", "Seconds": 3600, "End": True}}, first="Rest")
            if mended:
                assert until(ENGINE.idle, seconds=5)
            clock.move_to(time.time() + 7200)
            over = until(lambda: describe(aws, execution)["status"] == "SUCCEEDED", seconds=5 if mended else 0.3)
            assert over is mended
            if not over:
                aws("stepfunctions").stop_execution(executionArn=execution)
        finally:
            clock.stop()


@pytest.mark.parametrize(("mended", "parsed"), [(False, 4), (True, 1)])
def test_a_definition_is_parsed_once(mended: bool, parsed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    parser: Callable[[ASLParser], Any] = ASLParser.state_machine
    parses: list[ASLParser] = []

    def counted(self: ASLParser) -> Any:
        parses.append(self)
        return parser(self)

    monkeypatch.setattr(ASLParser, "state_machine", counted)
    with moto(mended=mended) as aws:
        execution = start(aws, {"Go": {"Type": "Pass", "Result": {"a": 1}, "End": True}}, first="Go")
        machine = execution.replace(":execution:", ":stateMachine:").rpartition(":")[0]
        others = [
            aws("stepfunctions").start_execution(stateMachineArn=machine, name=name, input="{}")["executionArn"]
            for name in ("two", "three")
        ]
        for each in (execution, *others):
            assert until(lambda each=each: describe(aws, each)["status"] == "SUCCEEDED", seconds=5)  # type: ignore[misc]
            assert json.loads(describe(aws, each)["output"]) == {"a": 1}
    assert len(parses) == parsed


@pytest.mark.parametrize("mended", [False, True])
def test_plain_values_are_written_as_they_are(mended: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    get_value = BaseJSONSerializer.get_value

    def counted(self: BaseJSONSerializer, value: Any, key: str, shape: Any) -> Any:
        asked.append(key)
        return get_value(self, value, key, shape)

    monkeypatch.setattr(BaseJSONSerializer, "get_value", counted)
    whole: dict[str, Any] = {
        **item("one", "1"),
        "number": {"N": "-0.10"},
        "flag": {"BOOL": False},
        "nothing": {"NULL": True},
        "bytes": {"B": b"\x00\xff"},
        "texts": {"SS": ["a", "b"]},
        "numbers": {"NS": ["1", "2"]},
        "map": {"M": {"list": {"L": [{"S": ""}, {"M": {"deep": {"B": b"x"}}}]}}},
    }
    with moto(mended=mended) as aws:
        table(aws)
        aws("dynamodb").put_item(TableName="cases", Item=whole)
        asked.clear()
        assert aws("dynamodb").get_item(TableName="cases", Key=item("one", "1"))["Item"] == whole
    # Asked for each of the thirteen values, or for the five that hold others or bytes.
    assert asked.count("NS") == (5 if mended else 13)


@pytest.mark.parametrize("mended", [False, True])
def test_tasks_share_a_client(mended: bool) -> None:
    with moto(mended=mended):
        make: Any = vars(lambda_eval_utils)["boto_client_for"]
        one, other = (make(region=REGION, service="lambda") for _ in range(2))
        assert (one is other) is mended
        assert one.meta.region_name == REGION


@pytest.mark.parametrize(("mended", "seconds"), [(False, 10), (True, 11)])
def test_a_wait_never_ends_early(mended: bool, seconds: int, monkeypatch: pytest.MonkeyPatch) -> None:
    with moto(mended=mended):
        clock = Clock()
        try:
            clock.move_to(int(time.time()) + 100.5)
            moment = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 10.6))  # 10.5 s from now, cut
            environment: Any = SimpleNamespace(stack=[moment])
            monkeypatch.setattr(StringLiteral, "eval", lambda self, env: None)
            left = Timestamp(StringLiteral(moment))._get_wait_seconds(environment)
            assert left == seconds
        finally:
            clock.stop()


@pytest.mark.parametrize("mended", [False, True])
def test_stopping_ends_an_execution_that_waits_for_its_token(mended: bool) -> None:
    with moto(mended=mended) as aws:
        execution, token = parked(aws)
        aws("stepfunctions").stop_execution(executionArn=execution)
        stopped = until(lambda: describe(aws, execution)["status"] == "ABORTED", seconds=5 if mended else 0.3)
        assert stopped is mended
        if not stopped:
            aws("stepfunctions").send_task_success(taskToken=token, output="{}")


def test_stopping_ends_an_execution_that_waits_to_try_again() -> None:
    with moto(mended=True) as aws:
        states = {
            "Each": {
                "Type": "Map",
                "ItemsPath": "$.none",
                "ItemProcessor": {"StartAt": "X", "States": {"X": {"Type": "Pass", "End": True}}},
                "Retry": [{"ErrorEquals": ["States.ALL"], "IntervalSeconds": 3600}],
                "End": True,
            }
        }
        execution = start(aws, states, first="Each")
        assert until(ENGINE.idle, seconds=5)
        assert describe(aws, execution)["status"] == "RUNNING"
        aws("stepfunctions").stop_execution(executionArn=execution)
        assert until(lambda: describe(aws, execution)["status"] == "ABORTED", seconds=5)
        assert until(lambda: not ENGINE.alive, seconds=5)


@pytest.mark.parametrize("mended", [False, True])
def test_a_failure_keeps_its_cause(mended: bool) -> None:
    with moto(mended=mended) as aws:
        execution, token = parked(aws)
        aws("stepfunctions").send_task_failure(taskToken=token, error="Refused", cause="by staff")
        assert until(lambda: describe(aws, execution)["status"] == "FAILED", seconds=5)
        assert (describe(aws, execution).get("cause") == "by staff") is mended


@pytest.mark.parametrize("mended", [False, True])
def test_a_token_works_once(mended: bool) -> None:
    with moto(mended=mended) as aws:
        execution, token = parked(aws)
        aws("stepfunctions").send_task_success(taskToken=token, output="{}")
        if mended:
            with pytest.raises(ClientError, match="TaskTimedOut"):
                aws("stepfunctions").send_task_success(taskToken=token, output="{}")
        else:
            aws("stepfunctions").send_task_success(taskToken=token, output="{}")
        aws("stepfunctions").stop_execution(executionArn=execution)


@pytest.mark.parametrize("mended", [False, True])
def test_tables_serve_one_call_at_a_time(mended: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    with moto(mended=mended) as aws:
        table(aws)
        inside, go_on, read = threading.Event(), threading.Event(), threading.Event()
        put_item = DynamoDBBackend.put_item

        def slow_put(self: DynamoDBBackend, *args: Any, **kwargs: Any) -> Any:
            inside.set()
            go_on.wait(5)
            return put_item(self, *args, **kwargs)

        monkeypatch.setattr(DynamoDBBackend, "put_item", slow_put)
        dynamodb = aws("dynamodb")
        writer = threading.Thread(target=lambda: dynamodb.put_item(TableName="cases", Item=item("a", "b")))
        reader = threading.Thread(
            target=lambda: (dynamodb.get_item(TableName="cases", Key=item("a", "b")), read.set())  # type: ignore[func-returns-value]
        )
        writer.start()
        assert inside.wait(5)
        reader.start()
        assert read.wait(0.3) is not mended
        go_on.set()
        writer.join()
        reader.join()


@pytest.mark.parametrize("mended", [False, True])
def test_a_cancelled_transaction_leaves_the_stream_alone(mended: bool) -> None:
    with moto(mended=mended) as aws:
        stream = table(aws, stream=True)["LatestStreamArn"]
        dynamodb, streams = aws("dynamodb"), aws("dynamodbstreams")
        dynamodb.put_item(TableName="cases", Item={**item("a", "1"), "n": {"N": "1"}})
        shard = streams.describe_stream(StreamArn=stream)["StreamDescription"]["Shards"][0]["ShardId"]
        iterator = streams.get_shard_iterator(StreamArn=stream, ShardId=shard, ShardIteratorType="TRIM_HORIZON")
        page = streams.get_records(ShardIterator=iterator["ShardIterator"])
        with pytest.raises(ClientError, match="TransactionCanceled"):
            dynamodb.transact_write_items(
                TransactItems=[
                    {"Put": {"TableName": "cases", "Item": {**item("a", "1"), "n": {"N": "2"}}}},
                    {"Put": {"TableName": "cases", "Item": item("a", "2")}},
                    {
                        "ConditionCheck": {
                            "TableName": "cases",
                            "Key": item("a", "3"),
                            "ConditionExpression": "attribute_exists(pk)",
                        }
                    },
                ]
            )
        assert dynamodb.scan(TableName="cases")["Items"] == [{**item("a", "1"), "n": {"N": "1"}}]
        dynamodb.put_item(TableName="cases", Item=item("a", "4"))
        seen = streams.get_records(ShardIterator=page["NextShardIterator"])["Records"]
        assert ([record["dynamodb"]["Keys"] for record in seen] == [item("a", "4")]) is mended


@pytest.mark.parametrize("mended", [False, True])
def test_a_query_reads_its_partition_only(mended: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    with moto(mended=mended) as aws:
        table(aws)
        for pk in ("a", "b", "c"):
            for sk in ("2", "1"):
                aws("dynamodb").put_item(TableName="cases", Item=item(pk, sk))
        read: list[int] = []
        all_items = Table.all_items

        def counted(self: Table) -> Any:
            found = all_items(self)
            read.append(len(found))
            return found

        monkeypatch.setattr(Table, "all_items", counted)
        found = aws("dynamodb").query(
            TableName="cases", KeyConditionExpression="pk = :b", ExpressionAttributeValues={":b": {"S": "b"}}
        )["Items"]
        assert found == [item("b", "1"), item("b", "2")]
        assert read == [2 if mended else 6]


@pytest.mark.parametrize("mended", [False, True])
def test_an_idle_stream_keeps_its_iterator(mended: bool) -> None:
    with moto(mended=mended) as aws:
        stream = table(aws, stream=True)["LatestStreamArn"]
        streams = aws("dynamodbstreams")
        shard = streams.describe_stream(StreamArn=stream)["StreamDescription"]["Shards"][0]["ShardId"]
        iterator = streams.get_shard_iterator(StreamArn=stream, ShardId=shard, ShardIteratorType="TRIM_HORIZON")[
            "ShardIterator"
        ]
        for _ in range(10):
            iterator = streams.get_records(ShardIterator=iterator)["NextShardIterator"]
        kept = len(dynamodbstreams_backends[ACCOUNT][REGION].shard_iterators)
        assert kept == (1 if mended else 11)


@pytest.mark.parametrize("mended", [False, True])
def test_a_mail_keeps_what_it_was_sent_with(mended: bool) -> None:
    with moto(mended=mended) as aws:
        ses = aws("sesv2")
        ses.create_email_identity(EmailIdentity="privacy@shop.example")
        ses.send_email(
            FromEmailAddress="privacy@shop.example",
            Destination={"ToAddresses": ["jane@example.com"]},
            Content={"Raw": {"Data": b"Subject: Hello\n\nText"}},
            ConfigurationSetName="set",
            EmailTags=[{"Name": "letter", "Value": "closed"}],
        )
        (message,) = ses_backends[ACCOUNT][REGION].sent_messages
        assert hasattr(message, "sent_with") is mended
        if mended:
            assert message.sent_with["ConfigurationSetName"] == "set"
            assert message.sent_with["EmailTags"] == [{"Name": "letter", "Value": "closed"}]


@pytest.mark.parametrize("mended", [False, True])
@pytest.mark.parametrize(
    ("spec", "algorithm"), [("ECC_NIST_P256", "ECDSA_SHA_256"), ("RSA_2048", "RSASSA_PKCS1_V1_5_SHA_256")]
)
def test_a_digest_is_signed_as_it_is(mended: bool, spec: str, algorithm: str) -> None:
    with moto(mended=mended) as aws:
        kms = aws("kms")
        key = kms.create_key(KeySpec=spec, KeyUsage="SIGN_VERIFY")["KeyMetadata"]["Arn"]
        asked = {"KeyId": key, "SigningAlgorithm": algorithm}
        digest = hashlib.sha256(b"manifest").digest()
        signature = kms.sign(**asked, Message=digest, MessageType="DIGEST")["Signature"]
        plain = kms.sign(**asked, Message=b"manifest", MessageType="RAW")["Signature"]
        verify = kms.verify
        assert verify(**asked, Message=b"manifest", MessageType="RAW", Signature=plain)["SignatureValid"] is True
        assert verify(**asked, Message=b"manifest", MessageType="RAW", Signature=signature)["SignatureValid"] is mended


@pytest.mark.parametrize("mended", [False, True])
def test_addresses_are_made_once(mended: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[str] = []

    def reload(module: ModuleType) -> ModuleType:
        read.append(module.__name__)
        return importlib.reload(module)

    with moto(mended=mended) as aws:
        monkeypatch.setattr("moto.s3.models.reload", reload)
        s3 = aws("s3")
        s3.list_buckets()
        before = len(read)
        s3.list_buckets()
        assert (len(read) == before) is mended


def test_undoing_leaves_moto_as_it_was() -> None:
    before = LambdaFunction.invoke, Table.query, DynamoDBBackend.transact_write_items
    with moto(mended=True):
        assert LambdaFunction.invoke is not before[0]
    assert (LambdaFunction.invoke, Table.query, DynamoDBBackend.transact_write_items) == before
