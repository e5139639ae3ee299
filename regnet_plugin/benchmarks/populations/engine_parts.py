"""Where the time of a training goes: into steps, images, evaluations, hooks, and the rest."""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

from mmengine.model import BaseModel
from mmengine.runner import Runner
from mmengine.runner.loops import ValLoop
from torch.utils.data.dataloader import _BaseDataLoaderIter

STEPS, IMAGES, EVALUATIONS, HOOKS, REST = PARTS = (
    'steps',
    'images',
    'evaluations',
    'hooks, checkpoints, scalars',
    'start and end',
)
# The methods whose time is that of a part. A part that another one calls is a part of that one,
# such as the images of an evaluation; what none of them does is the rest.
_METHODS = (
    (BaseModel, 'train_step', STEPS),
    (_BaseDataLoaderIter, '__next__', IMAGES),
    (ValLoop, 'run', EVALUATIONS),
    (Runner, 'call_hook', HOOKS),
)


@contextmanager
def timed_parts() -> Iterator[dict[str, float]]:
    """Time the parts of a training that is done within.

    Yields:
        Seconds by part of `PARTS`; complete at the end.
    """
    seconds = dict.fromkeys(PARTS, 0.0)
    running: list[str] = []
    start = time.perf_counter()
    with ExitStack() as stack:
        for owner, name, part in _METHODS:
            original = getattr(owner, name)
            setattr(owner, name, _timed(original, part, running, seconds))
            stack.callback(setattr, owner, name, original)
        yield seconds
    seconds[REST] = time.perf_counter() - start - sum(seconds.values())


def _timed(
    method: Callable[..., Any], part: str, running: list[str], seconds: dict[str, float]
) -> Callable[..., Any]:
    """A method that adds its time to that of a part, unless another part is running."""

    def timed(*args: Any, **kwargs: Any) -> Any:
        if running:
            return method(*args, **kwargs)
        running.append(part)
        start = time.perf_counter()
        try:
            return method(*args, **kwargs)
        finally:
            seconds[part] += time.perf_counter() - start
            running.pop()

    return timed
