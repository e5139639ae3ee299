"""The parts of a training are timed once each, and add up to all of it."""

import time

import pytest
import torch
from mmengine.evaluator import BaseMetric, Evaluator
from mmengine.hooks import Hook
from mmengine.model import BaseModel
from mmengine.runner import Runner

from regnet_plugin.benchmarks.populations.engine_parts import (
    EVALUATIONS,
    HOOKS,
    IMAGES,
    PARTS,
    STEPS,
    timed_parts,
)

SECONDS = {'image': 0.01, 'step': 0.02, 'hook': 0.03, 'evaluation': 0.05}


class SlowImages(torch.utils.data.Dataset):
    def __len__(self):
        return 4

    def __getitem__(self, index):
        time.sleep(SECONDS['image'])
        return dict(inputs=torch.zeros(2))


class SlowModel(BaseModel):
    def __init__(self):
        super().__init__()
        self.linear = torch.nn.Linear(2, 1)

    def forward(self, inputs, mode):
        time.sleep(SECONDS['step' if mode == 'loss' else 'evaluation'])
        output = self.linear(torch.stack(list(inputs)))
        return dict(loss=output.sum()) if mode == 'loss' else list(output)


class SlowHook(Hook):
    def after_train_epoch(self, runner):
        time.sleep(SECONDS['hook'])


class NoMetric(BaseMetric):
    def process(self, data_batch, data_samples):
        self.results.append(0)

    def compute_metrics(self, results):
        return {'nothing': 0.0}


def test_each_part_has_its_own_time(tmp_path):
    loader = dict(
        dataset=SlowImages(),
        batch_size=1,
        num_workers=0,
        sampler=dict(type='DefaultSampler', shuffle=False),
    )
    runner = Runner(
        SlowModel(),
        str(tmp_path),
        train_dataloader=loader,
        train_cfg=dict(by_epoch=True, max_epochs=2),
        optim_wrapper=dict(optimizer=dict(type='SGD', lr=0.1)),
        val_dataloader=loader,
        val_cfg=dict(),
        val_evaluator=Evaluator(NoMetric()),
        custom_hooks=[SlowHook()],
        log_level='ERROR',
    )
    step = BaseModel.train_step
    start = time.perf_counter()
    with timed_parts() as seconds:
        runner.train()
    passed = time.perf_counter() - start
    assert sum(seconds.values()) == pytest.approx(passed, rel=0.02) and set(seconds) == set(PARTS)
    # At least what was slept: twice four steps and images, and with the images of evaluations.
    assert seconds[STEPS] >= 8 * SECONDS['step']
    assert seconds[IMAGES] >= 8 * SECONDS['image']
    assert seconds[HOOKS] >= 2 * SECONDS['hook']
    assert seconds[EVALUATIONS] >= 8 * (SECONDS['evaluation'] + SECONDS['image'])
    assert BaseModel.train_step is step
