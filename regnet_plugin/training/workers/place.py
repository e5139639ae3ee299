"""Where several networks are trained side by side: a GPU, or the memory of this machine."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Condition, Event

_LOOK_EVERY = 0.5  # seconds between two looks at whether a wait for room is still wanted


class Place:
    """A place that workers of one process share, each in a thread.

    Attributes:
        workers: how many there are; whoever starts them counts them.
    """

    def __init__(self) -> None:
        self.workers = 0
        self._changed = Condition()
        self._training = 0
        self._alone = 0  # workers that have the place to themselves, or wait for that

    @contextmanager
    def room(self, stop: Event, alone: bool = False) -> Iterator[None]:
        """Wait for room, and hold it; the wait ends, too, when ``stop`` is set.

        Args:
            stop: looked at while waiting.
            alone: have the place to oneself: others go on when that is over. Default: False.
        """
        with self._changed:
            self._alone += alone
            while not stop.is_set() and (self._training if alone else self._alone):
                self._changed.wait(_LOOK_EVERY)
            self._training += 1
        try:
            yield
        finally:
            with self._changed:
                self._training -= 1
                self._alone -= alone
                self._changed.notify_all()
