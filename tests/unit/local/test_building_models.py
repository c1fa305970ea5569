"""Models that wait for their first use are built before threads can use them (pydantic can't build in two at once)."""

from pathlib import Path

from local.deployment import Function
from local.in_process import InProcess

CODE = """
from rightsdesk.domain.collecting import SourceState
from rightsdesk.domain.views import Receipt
def f(event, context):
    return [model.__pydantic_complete__ for model in (SourceState, Receipt)]
"""


def test_models_are_built_when_a_function_is_loaded(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text(CODE)
    function = Function(
        logical_id="f", name="f", arn="arn:f", folder=tmp_path, handler="app.f", timeout=3, memory=128,
        layers=(), environment={},
    )  # fmt: skip
    runner = InProcess(environment={})
    assert runner.run(function, b"{}").value == [True, True]
    runner.close()
