"""Every module of workflow tests shares one booted stack."""

from tests.support.stack import stack

__all__ = ["stack"]
