"""Installs pinned requirements for Lambda into a folder, and trims them. `sam build` runs this (layers/*/Makefile).

The wheels are those of the platform that runs the layer, not of the machine that builds it: no container is needed.
uv where there is one, else pip. Standard library only: it runs with whatever python3 there is.

    python3 -m tools.build_layer requirements/runtime.txt DIR --python-version 3.13 --architecture arm64
"""

import argparse
import os
import shutil
import subprocess
import sys
from pathlib import Path

from tools.trim_layer import trim

_MACHINES = {"arm64": "aarch64", "x86_64": "x86_64"}
# glibc of Amazon Linux 2023 is 2.34: wheels for 2.28 and older run there. pip wants every level spelt out.
_GLIBC_LEVELS = ("manylinux_2_28", "manylinux_2_26", "manylinux_2_17", "manylinux2014")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("requirements", type=Path)
    parser.add_argument("target", type=Path)
    parser.add_argument("--python-version", required=True)
    parser.add_argument("--architecture", required=True, choices=sorted(_MACHINES))
    asked = parser.parse_args()
    asked.target.mkdir(parents=True, exist_ok=True)
    machine = _MACHINES[asked.architecture]
    uv = _find_uv()
    chosen = (
        [uv, "pip", "install", "--quiet", "--link-mode", "copy", "--python-platform", f"{machine}-manylinux_2_28"]
        if uv
        else [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        + [option for level in _GLIBC_LEVELS for option in ("--platform", f"{level}_{machine}")]
    )
    subprocess.run(
        [
            *chosen,
            *("--python-version", asked.python_version, "--only-binary", ":all:", "--require-hashes", "--no-deps"),
            *("--target", str(asked.target), "--requirement", str(asked.requirements)),
        ],
        check=True,
        env={name: value for name, value in os.environ.items() if name != "PYTHONPATH"},
    )
    trim(asked.target)


def _find_uv() -> str | None:
    beside = Path(__file__).resolve().parent.parent / ".venv/bin/uv"
    return str(beside) if beside.exists() else shutil.which("uv")


if __name__ == "__main__":
    main()
