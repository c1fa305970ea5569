"""Modules that want the whole system share one booted stack each; its tables and buckets are those of the template."""

from tests.support.stack import stack

__all__ = ["stack"]
