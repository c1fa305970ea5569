"""The one clock of the product, as services take it."""

from collections.abc import Callable
from datetime import datetime

Clock = Callable[[], datetime]  # aware, UTC
