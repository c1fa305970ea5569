#!/bin/sh
# Puts the command `rightsdesk` into the environment: our code is run where it lies, nothing is built or copied.
#   tools/install_command.sh .venv
set -eu
root=$(pwd)
cat >"$1/bin/rightsdesk" <<SCRIPT
#!$root/$1/bin/python
import sys

sys.path[:0] = ["$root", "$root/layers/core/python"]

from local.cli import main

sys.exit(main())
SCRIPT
chmod +x "$1/bin/rightsdesk"
