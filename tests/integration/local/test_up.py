"""`rightsdesk up` as a program: found by the other commands, stopped by a signal, nothing left."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from local.cli import main
from local.clock import until
from local.runtime import ROOT

ENVIRONMENT = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "layers" / "core" / "python")])}


@pytest.fixture
def up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple["subprocess.Popen[str]", dict[str, Any]]]:
    monkeypatch.chdir(tmp_path)
    command = [sys.executable, "-m", "local.cli", "up", "--port", "0", "--members", "20", "--json"]
    with subprocess.Popen(
        command, env=ENVIRONMENT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        yield process, json.loads(process.stdout.readline())
        process.kill()


def children(pid: int) -> list[int]:
    found = []
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = status.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[1]) == pid and fields[0] != "Z":
            found.append(int(status.parent.name))
    return found


def test_a_stack_is_found_used_and_stopped(
    up: tuple["subprocess.Popen[str]", dict[str, Any]], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    process, addresses = up
    assert set(addresses) >= {"site", "api", "staff_api", "aws_endpoint", "now", "tables", "buckets", "outbox", "pid"}
    assert addresses["pid"] == process.pid
    assert (tmp_path / ".rightsdesk" / "stack.json").exists()

    assert main(["clock", "+30d", "--json"]) == 0
    moved = datetime.fromisoformat(json.loads(capsys.readouterr().out)["now"])
    assert moved - datetime.fromisoformat(addresses["now"]) >= timedelta(days=30)
    assert main(["outbox"]) == 0
    assert main(["token", "--json"]) == 0
    assert json.loads(capsys.readouterr().out.splitlines()[-1])["groups"] == ["handler"]
    assert main(["token", "--user", "nobody@shop.example"]) == 1
    assert "handler@shop.example" in capsys.readouterr().err
    assert main(["trigger", "public_site-root", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["answer"]["statusCode"] in (200, 302, 303)
    (tmp_path / "request.eml").write_bytes(
        b"From: Jane <jane@example.com>\r\nTo: privacy@shop.example\r\nSubject: Access request\r\n\r\n"
        b"Please send me a copy of all my personal data, GDPR Article 15.\r\n"
    )
    assert main(["mail", "activate", "--local"]) == 0
    assert "already" in capsys.readouterr().out
    assert main(["mail", "request.eml", "--json"]) == 0
    (delivered,) = json.loads(capsys.readouterr().out)
    assert delivered["recipients"] == ["privacy@shop.example"]
    assert main(["outbox", "--to", "jane@example.com", "--json"]) == 0
    assert json.loads(capsys.readouterr().out), "who wrote hears of it"
    assert main(["up"]) == 1
    assert "runs here already" in capsys.readouterr().err

    workers = children(process.pid)
    assert workers
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=60) == 0
    assert not (tmp_path / ".rightsdesk").exists()
    assert until(lambda: not any(Path(f"/proc/{worker}").exists() for worker in workers), seconds=5)
    assert main(["clock"]) == 3


def test_a_shop_that_is_none_is_refused(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "local.cli", "up", "--port", "0", "--shop", str(tmp_path)]
    ended = subprocess.run(command, env=ENVIRONMENT, capture_output=True, text=True, check=False, cwd=tmp_path)
    assert ended.returncode == 2
    assert "there is no shop.yaml" in ended.stderr
    assert not (tmp_path / ".rightsdesk").exists()
