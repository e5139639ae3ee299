"""A recipe's data is opened before a population is trained.

What is wrong with it would fail every network, one by one.
"""

from types import SimpleNamespace
from typing import Any

from mmengine.config import Config
from mmengine.evaluator import Evaluator
from mmengine.registry import DATASETS, DefaultScope

from regnet_plugin.training.checks.classes.agreement import check_classes
from regnet_plugin.training.checks.last_batch import check_last_batch
from regnet_plugin.training.checks.rehearsals.small_model import build_small
from regnet_plugin.training.checks.unreadable_files import files_explained
from regnet_plugin.training.config.loaders import (
    TRAINING_LOADERS,
    datasets_of,
    import_datasets,
    is_wrapper,
)


def rehearse_data(config: Config, name: str, processes: int = 1) -> None:
    """Build the datasets and metrics of a run, and compare their classes and labels with its heads.

    Args:
        config: of the first run.
        name: what the message calls it.
        processes: that train one network together. Default: 1.

    Raises:
        ValueError: which entry must be what.
        UserError: which file cannot be read, or that the last batch of an epoch cannot be
            normalized.
        Exception: whatever datasets and metrics raise when they are built.
    """
    scope = config.get('default_scope')
    import_datasets(scope)
    with DefaultScope.overwrite_default_scope(scope), files_explained(name):
        datasets = {
            # As what concatenates them would look like, for `wrapped_datasets`.
            loader: SimpleNamespace(datasets=_built_datasets(config, loader))
            for loader in TRAINING_LOADERS
            if config.get(loader)
        }
        metrics = Evaluator(config.val_evaluator).metrics if config.get('val_evaluator') else []
    model = build_small(config)
    if model is not None:
        check_classes(model, config.model, datasets, dict(val_evaluator=metrics))
        check_last_batch(config, model, processes)


def _built_datasets(config: Config, loader: str) -> list[Any]:
    """The datasets themselves, without what wraps them, which may take its time."""
    return [
        DATASETS.build(dataset)
        for dataset in datasets_of(config, loader)
        if not is_wrapper(dataset)
    ]
