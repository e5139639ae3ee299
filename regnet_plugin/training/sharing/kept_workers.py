"""Loader workers that stay from one training to the next, and give what new ones would give.

What a worker gives follows from its dataset, the state of its random generators, and what its
transforms keep. So each batch is ordered with the training that it is for, and at the first one for
another training a worker puts all of these back to where a new worker begins.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import count
from typing import Any

import torch
from mmengine.dataset import worker_init_fn
from torch.utils.data import DataLoader, Dataset, IterableDataset, Sampler, get_worker_info

from regnet_plugin.training.sharing.renewal import Renewal

_numbers = count()  # of trainings
_waiting: dict[str, '_Crew'] = {}  # for the next training, by what they can load
_working: dict[str, '_Crew'] = {}  # for the training that goes on, of equal loaders the last


def with_kept_workers(loader: DataLoader[Any], key: str) -> DataLoader[Any]:
    """Return a loader of the same batches whose workers stay for the next training, if they can.

    Args:
        loader: as MMEngine built it, not used yet.
        key: the same for loaders of the same dataset with the same settings; the order of the
            samples, the size of batches and the seed may be different.

    Returns:
        The loader itself if it has no workers, or starts them again for each epoch; if it loads no
        batches of indices; or if MMEngine does not seed the workers, so that their random states
        would not be known.
    """
    loads_batches = loader.batch_sampler is not None and not isinstance(
        loader.dataset, IterableDataset
    )
    is_seeded = getattr(loader.worker_init_fn, 'func', None) is worker_init_fn
    if not (loader.persistent_workers and loads_batches and is_seeded):
        return loader
    _working[key] = _waiting.pop(key) if key in _waiting else _Crew(loader)
    return _CrewedLoader(loader, _working[key])


def end_training(keep_workers: bool) -> None:
    """Let the workers of this training wait for the next one, or end; others that wait end.

    Args:
        keep_workers: those of a training that failed may be in any state, and should not be kept.
    """
    _waiting.clear()
    if keep_workers:
        _waiting.update(_working)
    _working.clear()
    for crew in _waiting.values():
        crew.rest()


@dataclass(frozen=True)
class _Training:
    """What new workers would begin a training with.

    Attributes:
        number: no other training of this process has it.
        base_seed: PyTorch's, to which the number of the worker is added.
        init: MMEngine's function, which seeds the random generators by the number of the worker.
    """

    number: int
    base_seed: int
    init: Callable[[int], None]

    def begin(self) -> None:
        """Put the random states of this worker to their beginning."""
        worker = get_worker_info()
        assert worker is not None
        vars(worker)['seed'] = self.base_seed + worker.id  # some transforms ask for it
        self.init(worker.id)


@dataclass(frozen=True)
class _Batch:
    """What a worker is told to load: indices, and the training that they are for."""

    indices: tuple[int, ...]
    training: _Training


class _RenewedDataset(Dataset[Any]):
    """In a worker: a dataset that is new for each training.

    Args:
        dataset: not used yet.
    """

    def __init__(self, dataset: Dataset[Any]) -> None:
        self._dataset = dataset
        self._renewal = Renewal(dataset)
        self._number: int | None = None  # of the training

    def __getitems__(self, batch: _Batch) -> Any:
        """Load a batch; PyTorch calls this with what the sampler of batches gives."""
        if batch.training.number != self._number:
            self._number = batch.training.number
            self._renewal.renew()
            batch.training.begin()
        together = getattr(self._dataset, '__getitems__', None)  # as PyTorch asks
        if together is not None:
            return together(list(batch.indices))
        return [self._dataset[index] for index in batch.indices]


class _Batches(Sampler[Any]):
    """The batches that a crew is told to load now.

    Attributes:
        training: that they are for.
        indices: of each batch.
    """

    training: _Training
    indices: Iterable[Iterable[int]]

    def __iter__(self) -> Iterator[_Batch]:
        training = self.training
        return (_Batch(tuple(indices), training) for indices in self.indices)


class _Crew:
    """Workers of one dataset; they are started when the first batch is wanted.

    Args:
        loader: that has no workers yet, and whose settings they get.
    """

    def __init__(self, loader: DataLoader[Any]) -> None:
        self._batches = _Batches()
        self._loader = DataLoader(
            _RenewedDataset(loader.dataset),
            batch_sampler=self._batches,
            num_workers=loader.num_workers,
            collate_fn=loader.collate_fn,
            pin_memory=loader.pin_memory,
            pin_memory_device=loader.pin_memory_device,
            timeout=loader.timeout,
            multiprocessing_context=loader.multiprocessing_context,
            prefetch_factor=loader.prefetch_factor,
            persistent_workers=True,
            generator=torch.Generator(),  # this loader must not draw from that of the training
        )

    def load(self, indices: Iterable[Iterable[int]], training: _Training) -> Iterator[Any]:
        """Iterate over batches; what was left of an iteration before is dropped."""
        self._batches.indices, self._batches.training = indices, training
        return iter(self._loader)

    def rest(self) -> None:
        """Forget the training, whose batches may hold a whole dataset."""
        self._batches.indices = ()


class _CrewedLoader(DataLoader[Any]):
    """A loader as MMEngine built it, but that a crew loads its batches.

    Hooks that change a dataset, such as mmdet's PipelineSwitchHook, set ``_iterator`` to None to
    have workers that know of it: then this is a loader as any other, with workers of its own.

    Args:
        loader: as MMEngine built it, not used yet.
        crew: with its dataset and its settings.
    """

    def __init__(self, loader: DataLoader[Any], crew: _Crew) -> None:
        vars(self).update(vars(loader))  # also what may not be set
        self._crew: _Crew | None = crew
        self._training: _Training | None = None
        self._own_iterator: Any = None

    @property
    def _iterator(self) -> Any:
        return self._own_iterator

    @_iterator.setter
    def _iterator(self, value: Any) -> None:
        self._crew, self._own_iterator = None, value

    def __iter__(self) -> Any:
        if self._crew is None:
            return super().__iter__()
        # or there would be no crew
        assert self.worker_init_fn is not None and self.batch_sampler is not None
        if self._training is None:
            # drawn as new workers' is, so that what is drawn next is what would be drawn then
            drawn = torch.empty((), dtype=torch.int64).random_(generator=self.generator)
            self._training = _Training(next(_numbers), int(drawn), self.worker_init_fn)
        return self._crew.load(self.batch_sampler, self._training)
