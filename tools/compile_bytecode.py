"""Compiles every module of the built package: `sam build` drops bytecode, and Lambda would compile at every cold start.

Run it with the Python that will run the package; bytecode of another version is not read.

    python3.13 tools/compile_bytecode.py .aws-sam/build
"""

import compileall
import sys
from pathlib import Path
from py_compile import PycInvalidationMode


def main(build: Path) -> int:
    """The exit code: 0, or 1 where a module does not compile (it is named on standard output)."""
    folders = [folder for folder in sorted(build.iterdir()) if folder.is_dir()]
    compiled = [
        compileall.compile_dir(
            folder,
            maxlevels=50,
            quiet=1,
            workers=0,
            stripdir=str(folder),
            prependdir="/opt" if folder.name.endswith("Layer") else "/var/task",  # what tracebacks show
            force=True,  # a folder copied from a working tree may hold bytecode that is compared with times
            invalidation_mode=PycInvalidationMode.UNCHECKED_HASH,  # Lambda's files have no times worth comparing
        )
        for folder in folders
    ]
    return 0 if all(compiled) else 1


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
