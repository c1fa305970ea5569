"""`rightsdesk opendsr`: the way to a certificate for a key that never leaves KMS, checked by OpenSSL."""

import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import boto3
import pytest
from cryptography import x509
from moto import mock_aws

from local import cli
from local.moto_fixes import Patches, digest_is_signed_as_it_is
from tests.support.desk import MERCHANT
from tests.support.opendsr_peer import pem_of, signing_key
from tests.support.tls_host import Authority

DOMAIN = "opendsr.shop.example"


@pytest.fixture
def key() -> Iterator[str]:
    patches = Patches()
    digest_is_signed_as_it_is(patches)
    with mock_aws():
        kms = boto3.client("kms", region_name="eu-west-1")
        yield kms.create_key(KeySpec="RSA_4096", KeyUsage="SIGN_VERIFY")["KeyMetadata"]["Arn"]
    patches.undo()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A merchant's, with an authority beside it."""
    shutil.copy(MERCHANT / "opendsr.yaml", tmp_path)
    return tmp_path


def asked(what: str, key: str, folder: Path, *more: str) -> int:
    return cli.main(["opendsr", what, "--key", key, "--merchant", str(folder), "--region", "eu-west-1", *more])


def test_a_request_is_made_signed_by_an_authority_and_found_good(
    key: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert asked("request", key, folder) == 0
    made = capsys.readouterr().out
    (folder / "request.pem").write_text(made, encoding="ascii")
    verified = subprocess.run(
        ["openssl", "req", "-in", "request.pem", "-verify", "-noout", "-text"],
        cwd=folder,
        capture_output=True,
        timeout=30,
        text=True,
    )
    assert verified.returncode == 0, verified.stderr
    assert f"DNS:{DOMAIN}" in verified.stdout
    assert "4096 bit" in verified.stdout

    authority = Authority()
    (folder / "authority.pem").write_text(authority.pem, encoding="ascii")
    public_key = x509.load_pem_x509_csr(made.encode()).public_key()
    certificate = authority.certify(public_key, DOMAIN)  # type: ignore[arg-type]
    (folder / "opendsr.pem").write_bytes(pem_of(certificate))
    believed = ("--authority", str(folder / "authority.pem"))
    assert asked("check", key, folder, *believed, "--json") == 0
    assert json.loads(capsys.readouterr().out) == {"good_for": DOMAIN}
    assert asked("check", key, folder) == 1  # the system knows no such authority
    assert "no authority" in capsys.readouterr().err

    other = authority.issue(DOMAIN, key=signing_key())
    (folder / "opendsr.pem").write_bytes(pem_of(other))
    assert asked("check", key, folder, *believed) == 1
    assert "for another key" in capsys.readouterr().err


def test_what_is_missing_is_said(key: str, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert asked("check", key, folder) == 1
    assert "opendsr.pem" in capsys.readouterr().err
    assert asked("request", "arn:aws:kms:eu-west-1:123456789012:key/none", folder) == 1
    assert "KMS did not answer" in capsys.readouterr().err
    (folder / "opendsr.yaml").write_text("controllers: {}\n", encoding="utf-8")
    assert asked("request", key, folder) == 1
    assert "names no domain" in capsys.readouterr().err


def test_the_files_of_the_merchant_are_found_from_anywhere(
    key: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert cli.main(["opendsr", "request", "--key", key, "--region", "eu-west-1"]) == 0
    assert capsys.readouterr().out.startswith("-----BEGIN CERTIFICATE REQUEST-----")


def test_help_has_an_example(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["opendsr", "--help"]) == 0
    text = capsys.readouterr().out
    for part in ("example:", "exit status:", "--json"):
        assert part in text
    assert cli.main(["opendsr", "request"]) == 2
