"""A Runner for many trainings in one process: what they have in common is made once.

That is datasets, and the workers that load them.
"""

import json
from collections import OrderedDict
from typing import Any

from mmengine.registry import DATASETS
from mmengine.runner import Runner
from torch.utils.data import DataLoader, Dataset

from regnet_plugin.training.sharing.kept_workers import with_kept_workers

_KEPT = 4  # datasets: those of training and of evaluation, of two recipes
# Settings of a loader that say what is loaded when; its workers are the same whatever they are.
_OF_BATCHES = ('sampler', 'batch_sampler', 'batch_size', 'drop_last')
_datasets: OrderedDict[str, Dataset[Any]] = OrderedDict()  # by their configs, the latest last


class SharingRunner(Runner):
    """MMEngine's Runner, but that a dataset that an earlier run had is used again.

    So are the workers of its loader, if they stay from epoch to epoch. MMEngine copies a dataset
    that it is given, so whatever a run does to its own, the next one has it as it was built.
    """

    @staticmethod
    def build_dataloader(dataloader: Any, *args: Any, **kwargs: Any) -> DataLoader[Any]:
        """Build a loader as MMEngine does, of a dataset and workers that may be there already."""
        if not isinstance(dataloader, dict) or not isinstance(dataloader['dataset'], dict):
            return Runner.build_dataloader(dataloader, *args, **kwargs)
        with_dataset = {**dataloader, 'dataset': _dataset(dataloader['dataset'])}
        loader = Runner.build_dataloader(with_dataset, *args, **kwargs)
        settings = {name: dataloader[name] for name in dataloader if name not in _OF_BATCHES}
        return with_kept_workers(loader, _text(settings))


def _dataset(described: dict[str, Any]) -> Dataset[Any]:
    """The dataset of a config, of which the latest few are kept."""
    key = _text(described)
    if key not in _datasets:
        _datasets[key] = DATASETS.build(described)
        if len(_datasets) > _KEPT:
            _datasets.popitem(last=False)
    _datasets.move_to_end(key)
    return _datasets[key]


def _text(settings: dict[str, Any]) -> str:
    """Settings as a text that is the same for the same settings."""
    return json.dumps(settings, sort_keys=True, default=repr)
