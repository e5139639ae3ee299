"""A Runner for many trainings in one process: datasets that are the same are built once."""

import json
from collections import OrderedDict
from typing import Any

from mmengine.registry import DATASETS
from mmengine.runner import Runner
from torch.utils.data import DataLoader, Dataset

_KEPT = 4  # datasets: those of training and of evaluation, of two recipes
_datasets: OrderedDict[str, Dataset[Any]] = OrderedDict()  # by their configs, the latest last


class SharingRunner(Runner):
    """MMEngine's Runner, but that a dataset that an earlier run had is used again.

    Datasets are read only: what they give depends on the index and the random state, both of which
    the run sets.
    """

    @staticmethod
    def build_dataloader(dataloader: Any, *args: Any, **kwargs: Any) -> DataLoader[Any]:
        """Build a loader as MMEngine does, around a dataset that may be there already."""
        if isinstance(dataloader, dict) and isinstance(dataloader['dataset'], dict):
            dataloader = {**dataloader, 'dataset': _dataset(dataloader['dataset'])}
        return Runner.build_dataloader(dataloader, *args, **kwargs)


def _dataset(described: dict[str, Any]) -> Dataset[Any]:
    """The dataset of a config, of which the latest few are kept."""
    key = json.dumps(described, sort_keys=True, default=repr)
    if key not in _datasets:
        _datasets[key] = DATASETS.build(described)
        if len(_datasets) > _KEPT:
            _datasets.popitem(last=False)
    _datasets.move_to_end(key)
    return _datasets[key]
