#!/bin/sh
# Makes a virtual environment that holds exactly what a requirements file pins, hashes checked.
#   tools/make_environment.sh .venv requirements/dev.txt
# uv does it in seconds and is asked first; without it pip does the same.
set -eu

environment=$1
requirements=$2
uv_version=0.13.8

say() { printf '%s\n' "$*" >&2; }

newest_python() {
    for candidate in "${PYTHON:-python3}" python3.13 python3.12 python3.11; do
        if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then
            printf '%s\n' "$candidate"
            return
        fi
    done
    say "Rightsdesk needs Python 3.11 or newer; none was found. Name yours: make PYTHON=/path/to/python3.12 ..."
    exit 1
}

if [ ! -x "$environment/bin/python" ]; then
    python=$(newest_python)
    if ! "$python" -c 'import ensurepip, venv' >/dev/null 2>&1; then
        say "This Python can't make virtual environments. On Debian and Ubuntu: sudo apt-get install python3-venv"
        exit 1
    fi
    say "Setting up $environment with $("$python" --version) ..."
    "$python" -m venv "$environment"
fi

uv=${UV:-}
if [ -z "$uv" ]; then
    uv=.venv/bin/uv
    [ -x "$uv" ] || .venv/bin/python -m pip install --quiet --disable-pip-version-check "uv==$uv_version" >/dev/null 2>&1 || true
fi

if [ -x "$uv" ] && "$uv" pip sync --quiet --require-hashes --python "$environment/bin/python" "$requirements"; then
    exit 0
fi
say "uv can't be had here: pip does it, which takes a minute or two."
"$environment/bin/python" -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps --requirement "$requirements"
