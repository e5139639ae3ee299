"""Trainings of the ImageNet recipe on the tiny ImageNet, without chance.

Here they are started, recorded and compared.
"""

import json
import os
import subprocess
import sys
import time

import pytest
from killing import ROOT, ended
from small_population import python_path
from tiny_imagenet import CLASSES, SIDE

from regnet_plugin.training.arguments import parse_train_arguments
from regnet_plugin.training.trainer import train
from regnet_plugin.training.training_config import training_config
from regnet_plugin.training.workers.trainee import reset

GN = dict(type='GN', num_groups=4)  # does not depend on how a batch is divided, as BN does
CONFIG = f"""
_base_ = {str(ROOT / 'configs/regnetx_200mf_imagenet.py')!r}
crop = dict(type='CenterCrop', crop_size={SIDE})
pipeline = [dict(type='LoadImageFromFile'), crop, dict(type='PackInputs')]
images = dict(data_root={{images!r}}, metainfo=dict(classes={CLASSES}), pipeline=pipeline)
train_dataloader = dict(batch_size={{batch}}, num_workers=0, dataset=images)
val_dataloader = dict(batch_size=16, num_workers=0, dataset=images)
test_dataloader = val_dataloader
model = dict(
    backbone=dict(arch=dict(_delete_=True, depth=2, w_0=16, w_a=16, w_m=2, group_width=8),
                  strides=(2, 2), out_indices=(1, ), norm_cfg={{norm}}),
    head=dict(num_classes={len(CLASSES)}, in_channels=32))
optim_wrapper = dict(optimizer=dict(lr=0.05))
param_scheduler = None
train_cfg = dict(max_epochs=2)
custom_imports = dict(imports=['recording_hook'])
custom_hooks = [*_base_.custom_hooks, dict(type='RecordingHook'), *{{hooks}}]
"""
STEPS_PER_EPOCH = 96 // 32


def write_config(path, images, batch=32, norm=GN, hooks=()):
    """Write a config for 32 images per step; return its path.

    One process takes a batch of these at a time.
    """
    path.write_text(CONFIG.format(images=str(images), batch=batch, norm=norm, hooks=list(hooks)))
    return path


def train_here(config, work_dir, *options):
    """Train in this process, as tools/train.py does."""
    args = parse_train_arguments(
        [
            str(config),
            '--work-dir',
            str(work_dir),
            '--cfg-options',
            f'experiment_name={work_dir.name}-{time.monotonic_ns()}',
            *options,
        ]
    )
    try:
        train(training_config(args))
    finally:
        reset()  # a Runner leaves its scope and a logger with a file behind
    return work_dir


def start(command, folder, **variables):
    """Start a script of tools/ with this Python in a folder, into which MMEngine gathers.

    Its output is one text stream.
    """
    environment = {
        **os.environ,
        'PYTHON': sys.executable,
        'PYTHONPATH': python_path(ROOT / 'tests', ROOT),
        'OMP_NUM_THREADS': '1',
        **variables,
    }
    script, *arguments = command
    return subprocess.Popen(
        [ROOT / 'tools' / script, *map(str, arguments)],
        env=environment,
        cwd=folder,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )


def finish(command, folder, **variables):
    """Run a script of tools/ to its end; return its output."""
    process = start(command, folder, **variables)
    output, _ = process.communicate(timeout=200)
    assert process.returncode == 0, output
    return output


def wait_for_file(path, process):
    """Wait until a running training has written a file."""
    deadline = time.monotonic() + 120
    while not path.exists():
        assert process.poll() is None and time.monotonic() < deadline, ended(process)
        time.sleep(0.02)


def records(work_dir):
    """What RecordingHook wrote, per rank."""
    return [
        [json.loads(line) for line in path.read_text().splitlines()]
        for path in sorted(work_dir.glob('order*.jsonl'))
    ]


def steps(work_dir, parts=1):
    """The images and the mean loss of every step.

    Its batch was divided over ranks, or over several iterations.
    """
    ranks = records(work_dir)
    rows = [row for iteration in zip(*ranks) for row in iteration]
    size = len(ranks) * parts
    batches = [rows[first : first + size] for first in range(0, len(rows), size)]
    return [
        (
            sorted(sum((row['images'] for row in batch), [])),
            sum(row['loss'] for row in batch) / size,
        )
        for batch in batches
    ]


def check_equal(found, expected):
    """Compare steps: the same images, and losses within the rounding of float32."""
    assert [images for images, _ in found] == [images for images, _ in expected]
    assert [loss for _, loss in found] == pytest.approx([loss for _, loss in expected], rel=1e-5)
    assert len(found) == len(expected) >= STEPS_PER_EPOCH
