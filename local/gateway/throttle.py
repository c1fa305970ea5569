"""Throttling per method: API Gateway's token bucket, with the rates of the stage's MethodSettings, in real time."""

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from local.gateway.routes import Route


@dataclass
class Bucket:
    rate: float  # tokens a second
    burst: float
    tokens: float
    filled_at: float

    def take(self, now: float) -> bool:
        self.tokens = min(self.burst, self.tokens + (now - self.filled_at) * self.rate)
        self.filled_at = now
        if self.tokens < 1:
            return False
        self.tokens -= 1
        return True


class Throttle:
    """`settings` are the MethodSettings of the stage. Each method has its own bucket."""

    def __init__(self, settings: Sequence[Mapping[str, Any]], *, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._lock = threading.Lock()
        self._limits: dict[tuple[str, str], tuple[float, float]] = {}
        for setting in settings:
            if "ThrottlingRateLimit" in setting and "ThrottlingBurstLimit" in setting:
                path = setting["ResourcePath"]
                if path != "/*":
                    path = "/" + path.lstrip("/").replace("~1", "/").lstrip("/")
                limit = float(setting["ThrottlingRateLimit"]), float(setting["ThrottlingBurstLimit"])
                self._limits[path, setting["HttpMethod"].upper()] = limit
        self._buckets: dict[tuple[str, str], Bucket] = {}

    def admits(self, route: Route, method: str) -> bool:
        limit = (
            self._limits.get((route.path, method))
            or self._limits.get((route.path, "*"))
            or self._limits.get(("/*", "*"))
        )
        if limit is None:
            return True
        with self._lock:
            now = self._now()
            bucket = self._buckets.setdefault((route.path, method), Bucket(*limit, tokens=limit[1], filled_at=now))
            return bucket.take(now)
