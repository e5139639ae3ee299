"""A Runner for many trainings in one process: datasets that are the same are built once."""

import json
from collections import OrderedDict

from mmengine.registry import DATASETS
from mmengine.runner import Runner

_KEPT = 4  # datasets: those of training and of evaluation, of two recipes
_datasets = OrderedDict()


class SharingRunner(Runner):
    """MMEngine's Runner, but that a dataset that an earlier run had is used again.

    Datasets are read only: what they give depends on the index and the random state, both of which
    the run sets.
    """

    @staticmethod
    def build_dataloader(dataloader, *args, **kwargs):
        if isinstance(dataloader, dict) and isinstance(dataloader['dataset'], dict):
            dataloader = {**dataloader, 'dataset': _dataset(dataloader['dataset'])}
        return Runner.build_dataloader(dataloader, *args, **kwargs)


def _dataset(config):
    key = json.dumps(config, sort_keys=True, default=repr)
    if key not in _datasets:
        _datasets[key] = DATASETS.build(config)
        if len(_datasets) > _KEPT:
            _datasets.popitem(last=False)
    _datasets.move_to_end(key)
    return _datasets[key]
