"""A dataset that several trainings share is put back to what it was before the first one."""

from collections.abc import Iterator
from copy import deepcopy
from typing import Any

# Where datasets keep those that they wrap.
_WRAPPED = ('dataset', '_dataset', 'datasets')


class Renewal:
    """What a dataset, and those that it wraps, were when this was made.

    Samples stay as they are, since they are only read. But transforms may keep what they saw, as
    mmdet's CachedMosaic does.

    Args:
        dataset: not used yet.
    """

    def __init__(self, dataset: Any) -> None:
        self._parts = [
            (part, dict(vars(part)), deepcopy(getattr(part, 'pipeline', None)))
            for part in _parts_of(dataset)
        ]

    def renew(self) -> None:
        """Put the dataset back."""
        for part, attributes, pipeline in self._parts:
            vars(part).clear()
            vars(part).update(attributes)
            if 'pipeline' in attributes:
                part.pipeline = deepcopy(pipeline)


def _parts_of(dataset: Any) -> Iterator[Any]:
    """Yield a dataset and those that it wraps, from the outside in."""
    yield dataset
    for name in _WRAPPED:
        inner = vars(dataset).get(name)
        for part in inner if isinstance(inner, (list, tuple)) else [inner]:
            if hasattr(part, '__getitem__') and hasattr(part, '__dict__'):
                yield from _parts_of(part)
