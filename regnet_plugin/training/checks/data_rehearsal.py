"""A recipe's data opened before a population is trained: what is wrong with it would fail every
network, one by one.
"""

from collections.abc import Sequence
from types import SimpleNamespace

from mmengine.config import Config
from mmengine.evaluator import Evaluator
from mmengine.registry import DATASETS, DefaultScope

from regnet_plugin.training.checks.classes import check_classes
from regnet_plugin.training.checks.data import files_explained
from regnet_plugin.training.checks.model_rehearsal import build_small
from regnet_plugin.training.loaders import TRAINING_LOADERS, datasets_of, import_datasets


def rehearse_data(config: Config, name: str) -> None:
    """Build the datasets and metrics of a run, and compare their classes and labels with its heads
    and losses.

    Args:
        config: of the first run.
        name: what the message calls it.

    Raises:
        ValueError: which entry must be what.
        UserError: which file cannot be read.
        Exception: whatever datasets and metrics raise when they are built.
    """
    import_datasets(config.get('default_scope'))
    with DefaultScope.overwrite_default_scope(config.get('default_scope')), files_explained(name):
        datasets = {
            loader: SimpleNamespace(datasets=_built(config[loader]['dataset']))
            for loader in TRAINING_LOADERS
            if config.get(loader)
        }
        metrics = Evaluator(config.val_evaluator).metrics if config.get('val_evaluator') else []
    model = build_small(config)
    if model is not None:
        check_classes(model, config.model, datasets, dict(val_evaluator=metrics))


def _built(dataset: dict) -> Sequence:
    """The datasets themselves, without what wraps them, which may take its time."""
    return [
        DATASETS.build(part)
        for part in datasets_of(dataset)
        if not part.get('dataset') and not part.get('datasets')
    ]
