/** Counting the requests of clients, whatever the web framework. */
import { fileText } from '../layout.ts';

export function rateLimitFile(): string {
  return fileText(`
"""How many requests a client may send."""

import math
import time
from collections import Counter
from collections.abc import Callable
from threading import Lock

from app.errors import TooManyRequestsError

WINDOW_SECONDS = 60


class RateLimiter:
    """Counts the requests of each client, minute by minute. Each process counts for itself."""

    def __init__(self, per_minute: int, clock: Callable[[], float] = time.monotonic) -> None:
        self.per_minute = per_minute
        self.clock = clock
        self.lock = Lock()
        self.minute = 0.0
        self.counts: Counter[str] = Counter()

    def check(self, client: str) -> None:
        """Counts a request; raises where it is one too many."""
        with self.lock:
            minute, passed = divmod(self.clock(), WINDOW_SECONDS)
            if minute != self.minute:
                self.minute, self.counts = minute, Counter()
            self.counts[client] += 1
            if self.counts[client] > self.per_minute:
                raise TooManyRequestsError(math.ceil(WINDOW_SECONDS - passed))
`);
}

export function rateLimitTestFile(): string {
  return fileText(`
"""How many requests a client may send."""

import pytest

from app.errors import TooManyRequestsError
from app.rate_limit import RateLimiter


class Clock:
    """A clock that stands still until it is set."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def clock() -> Clock:
    """The clock of the limiter."""
    return Clock()


@pytest.fixture
def limiter(clock: Clock) -> RateLimiter:
    """A limiter that lets two requests of a client through each minute, and has done so."""
    limiter = RateLimiter(2, clock)
    limiter.check("a")
    limiter.check("a")
    return limiter


def test_one_request_too_many_is_refused(limiter: RateLimiter) -> None:
    with pytest.raises(TooManyRequestsError):
        limiter.check("a")


def test_clients_are_counted_apart(limiter: RateLimiter) -> None:
    limiter.check("b")

    assert limiter.counts["b"] == 1


def test_the_next_minute_starts_anew(limiter: RateLimiter, clock: Clock) -> None:
    clock.seconds = 60

    limiter.check("a")

    assert limiter.counts == {"a": 1}


def test_the_error_tells_when_to_come_back(limiter: RateLimiter, clock: Clock) -> None:
    clock.seconds = 45.5

    with pytest.raises(TooManyRequestsError) as caught:
        limiter.check("a")

    assert caught.value.headers == {"Retry-After": "15"}
`);
}
