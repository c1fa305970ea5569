"""What the layers carry: pinned, hashed, the same versions as in the tests, and trimmed without loss."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.infrastructure.deployed_template import ROOT
from tests.support.shipped import COLUMNAR, INSTALLED, PACKAGES, link_packages
from tools.trim_layer import AWS_SERVICES, LOCALES, trim

FILES = ["runtime", "columnar", "dev", "sam"]


def pinned(name: str) -> dict[str, str]:
    """Package -> version, of requirements/<name>.txt."""
    text = (ROOT / f"requirements/{name}.txt").read_text(encoding="utf-8")
    return dict(re.findall(r"^([a-z0-9][\w.-]*)==([\w.+!-]+)", text, re.MULTILINE))


@pytest.mark.parametrize("name", FILES)
def test_every_requirement_is_one_version_with_its_hashes(name: str) -> None:
    text = (ROOT / f"requirements/{name}.txt").read_text(encoding="utf-8").replace("\\\n", " ")
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    assert lines
    for line in lines:
        assert re.match(r"[a-z0-9][\w.-]*==\S+ ", line), line
        assert "--hash=sha256:" in line, line


@pytest.mark.parametrize("name", ["runtime", "columnar"])
def test_what_ships_is_what_is_tested(name: str) -> None:
    tested = pinned("dev")
    assert {package: tested.get(package) for package in pinned(name)} == pinned(name)


@pytest.mark.parametrize("name", FILES)
def test_what_is_asked_for_is_pinned(name: str) -> None:
    asked = (ROOT / f"requirements/{name}.in").read_text(encoding="utf-8")
    for package in re.findall(r"^([a-z][\w-]*)", asked, re.MULTILINE):
        assert package in pinned(name), f"{package} is not in {name}.txt: make lock"


def test_lambda_gets_a_client_for_every_service_that_the_code_names() -> None:
    named = {
        node.args[0].value
        for path in (ROOT / "layers/core/python/rightsdesk").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        and node.args
        and isinstance(node.args[0], ast.Constant)
        and getattr(node.func, "attr", getattr(node.func, "id", "")) in {"client", "resource"}
    }
    assert named
    assert named <= AWS_SERVICES


@pytest.fixture(scope="module")
def trimmed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same packages as in the layers, for this machine, trimmed by the same rules. Links, not copies."""
    layer = tmp_path_factory.mktemp("layer")
    link_packages(layer, [*PACKAGES, *COLUMNAR])
    trim(layer)
    return layer


def run_in(layer: Path, code: str) -> str:
    """Runs `code` with the standard library and the layer alone."""
    path = f"import sys; sys.path.insert(0, {str(layer)!r}); sys.path.append({str(ROOT / 'layers/core/python')!r})\n"
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-B", "-c", path + code], capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_trimmed_layer_has_the_clients_and_languages_that_are_needed(trimmed: Path) -> None:
    code = f"""
import datetime, babel, babel.dates, boto3, holidays
session = boto3.Session(region_name="eu-west-1", aws_access_key_id="x", aws_secret_access_key="x")
for service in {sorted(AWS_SERVICES)}: session.client(service)
for locale in ("en", "en_GB", "ja"):
    print(babel.dates.format_date(datetime.date(2026, 10, 3), "long", locale=locale), end=" ")
    print(babel.Locale.parse(locale).territories["JP"])
print(len(holidays.country_holidays("JP", years=2026)), len(holidays.country_holidays("DE", years=2026)))
"""
    assert run_in(trimmed, code).splitlines() == [
        "October 3, 2026 Japan",
        "3 October 2026 Japan",
        "2026年10月3日 日本",
        "18 9",
    ]


def test_trimmed_layer_knows_what_a_call_looks_like_and_where_it_goes(trimmed: Path) -> None:
    """What was taken out of botocore's data is for readers only: requests are the same, to the same endpoints."""
    code = f"""
import botocore.session
session = botocore.session.get_session()
session.set_credentials("x", "x")
for region in ("eu-west-1", "ap-northeast-1", "us-gov-west-1", "cn-north-1"):
    for service in {sorted(AWS_SERVICES)}:
        client = session.create_client(service, region_name=region)
        print(client.meta.endpoint_url, client.meta.partition)
        for name in client.meta.service_model.operation_names:
            operation = client.meta.service_model.operation_model(name)
            shapes = [shape for shape in (operation.input_shape, operation.output_shape) if shape]
            print(name, operation.http, operation.auth)
            print([(shape.name, sorted(shape.members), shape.required_members) for shape in shapes])
"""
    assert run_in(trimmed, code) == run_in(INSTALLED, code)


def test_trimmed_layer_makes_the_same_requests(trimmed: Path) -> None:
    """One call of each service, as far as the wire."""
    code = """
import io, botocore.session
from botocore.awsrequest import AWSResponse
session = botocore.session.get_session()
session.set_credentials("x", "x")
class Body(io.BytesIO):
    def stream(self, **_): yield self.read()
def sent(request, **_):
    print(request.method, request.url, sorted(set(request.headers) - {"Authorization", "X-Amz-Date", "User-Agent"}))
    return AWSResponse(request.url, 200, {}, Body(b"{}" if b"s3" not in request.url.encode() else b""))
calls = {
    "cognito-idp": ("list_users", dict(UserPoolId="eu-west-1_x")),
    "dynamodb": ("get_item", dict(TableName="t", Key={"pk": {"S": "1"}})),
    "kms": ("get_public_key", dict(KeyId="k")),
    "lambda": ("invoke", dict(FunctionName="f")),
    "s3": ("put_object", dict(Bucket="bucket", Key="key", Body=b"1")),
    "secretsmanager": ("get_secret_value", dict(SecretId="s")),
    "sesv2": ("send_email", dict(Content={"Raw": {"Data": b"1"}})),
    "sqs": ("send_message", dict(QueueUrl="https://sqs.eu-west-1.amazonaws.com/1/q", MessageBody="{}")),
    "stepfunctions": ("send_task_success", dict(taskToken="t", output="{}")),
}
for service, (name, asked) in calls.items():
    client = session.create_client(service, region_name="eu-west-1")
    client.meta.events.register("before-send", sent)
    getattr(client, name)(**asked)
    list(client.meta.service_model.operation_names)
    client.meta.service_model.client_context_parameters
"""
    made = run_in(trimmed, code)
    assert made.count("https://") == len(AWS_SERVICES)
    assert made == run_in(INSTALLED, code)


def test_trimmed_layer_reads_parquet(trimmed: Path) -> None:
    code = """
import io, pyarrow, pyarrow.parquet, pyarrow.compute
there = io.BytesIO()
for compression in ("snappy", "zstd", "gzip"):
    pyarrow.parquet.write_table(pyarrow.table({"id": ["a", "b"], "n": [1, 2]}), there, compression=compression)
    file = pyarrow.parquet.ParquetFile(pyarrow.BufferReader(there.getvalue()))
    batches = [b.filter(pyarrow.compute.equal(b.column("id"), "b")) for b in file.iter_batches()]
    print(file.metadata.num_rows, [b.to_pylist() for b in batches])
    there = io.BytesIO()
"""
    assert run_in(trimmed, code) == "2 [[{'id': 'b', 'n': 2}]]\n" * 3


def test_trimmed_layer_imports_all_of_our_code(trimmed: Path) -> None:
    modules = [
        ".".join(path.relative_to(ROOT / "layers/core/python").with_suffix("").parts).removesuffix(".__init__")
        for path in sorted((ROOT / "layers/core/python/rightsdesk").rglob("*.py"))
    ]
    run_in(trimmed, f"import importlib\nfor name in {modules}: importlib.import_module(name)")


def test_trimming_takes_away_most(trimmed: Path) -> None:
    assert {p.name for p in (trimmed / "botocore/data").iterdir() if p.is_dir()} == AWS_SERVICES
    assert {p.stem for p in (trimmed / "babel/locale-data").iterdir()} == LOCALES
    assert (trimmed / "botocore/data/endpoints.json").stat().st_size < 55_000
    assert sum(path.stat().st_size for path in (trimmed / "botocore/data").rglob("service-2.json.gz")) < 150_000
    assert not list(trimmed.rglob("tests"))
    assert not list(trimmed.rglob("*.h"))
    assert not list((trimmed / "pyarrow").glob("libarrow_flight*"))
