"""The template on one's own machine: `template.yaml` booted as it is, with moto for state, and the command line.

Start reading at `runtime.py` (what a running stack is) and `cli.py` (the commands). docs/local.md says what it lacks.
"""
