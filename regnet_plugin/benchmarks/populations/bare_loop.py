"""The least that trains a classifier, which the engine's time is compared with."""

from typing import Any

import torch
from mmengine.config import Config
from mmengine.registry import MODELS, DefaultScope

from regnet_plugin.benchmarks.device import torch_device
from regnet_plugin.training.sharing.shared_runner import SharingRunner


def train_bare(config: Config) -> float:
    """Train as the config of a run says, with the same data path and network, and just a loop.

    Args:
        config: of a run whose optimizer is SGD.

    Returns:
        Error in percent after the last epoch.
    """
    with DefaultScope.overwrite_default_scope(config.default_scope):
        torch.manual_seed(config.randomness.seed)
        model = MODELS.build(config.model)
        model.init_weights()
        model.to(torch_device())
        train: Any = SharingRunner.build_dataloader(config.train_dataloader.to_dict(), seed=0)
        test = SharingRunner.build_dataloader(config.val_dataloader.to_dict(), seed=0)
        settings = config.optim_wrapper.optimizer.to_dict()
        settings.pop('type')
        optimizer = torch.optim.SGD(model.parameters(), **settings)
        epochs = config.train_cfg.max_epochs
        schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, epochs * len(train))
        for epoch in range(epochs):
            train.sampler.set_epoch(epoch)
            _train_epoch(model, train, optimizer, schedule)
            error = _error(model, test)
    return error


def _train_epoch(
    model: Any,
    loader: Any,
    optimizer: torch.optim.Optimizer,
    schedule: torch.optim.lr_scheduler.LRScheduler,
) -> None:
    model.train()
    for batch in loader:
        losses = model(**model.data_preprocessor(batch, True), mode='loss')
        optimizer.zero_grad()
        losses['loss'].backward()
        optimizer.step()
        schedule.step()


@torch.no_grad()
def _error(model: Any, loader: Any) -> float:
    """Top-1 error in percent."""
    model.eval()
    right = total = 0
    for batch in loader:
        for sample in model(**model.data_preprocessor(batch, False), mode='predict'):
            right += int(sample.pred_label == sample.gt_label)
            total += 1
    return 100 * (1 - right / total)
