"""Workers that stay from one training to the next give what new ones would give."""

import gc
import multiprocessing
import os
import random

import numpy as np
import pytest
import torch
from mmengine.dataset import BaseDataset
from mmengine.runner import Runner
from torch.utils.data import get_worker_info

from regnet_plugin.training.sharing.kept_workers import end_training
from regnet_plugin.training.sharing.shared_runner import SharingRunner

SIZE = 23


class Numbers(BaseDataset):
    """Samples that are numbers, which a pipeline makes something random of."""

    def load_data_list(self):
        return [dict(number=number) for number in range(SIZE)]


class Augment:
    """Draws from all generators that transforms use, and counts how often it was called."""

    def __init__(self, calls=0):
        self.calls = calls

    def __call__(self, results):
        self.calls += 1
        worker = get_worker_info()
        drawn = (np.random.random(), random.random(), torch.rand(()).item())
        return (results['number'], *drawn, self.calls, worker.seed)


def loader_of(runner, seed, batch=3, num_workers=2, **settings):
    described = dict(
        dataset=dict(type=Numbers, pipeline=[dict(type=Augment)]),
        sampler=dict(type='DefaultSampler', shuffle=True),
        batch_size=batch,
        num_workers=num_workers,
        persistent_workers=num_workers > 0,
    )
    return runner.build_dataloader({**described, **settings}, seed=seed)


def epochs(loader, number=2):
    """The batches of some epochs, and what the main process draws afterwards."""
    batches = []
    for epoch in range(number):
        loader.sampler.set_epoch(epoch)
        batches += list(loader)
    return batches, torch.rand(()).item()


def workers():
    """Numbers of the processes that there are."""
    gc.collect()
    return {process.pid for process in multiprocessing.active_children()}


@pytest.fixture(autouse=True)
def no_workers_are_left():
    yield
    end_training(keep_workers=False)


def test_a_training_has_the_batches_that_it_has_alone():
    torch.manual_seed(5)
    alone = epochs(loader_of(Runner, seed=7))
    epochs(loader_of(SharingRunner, seed=1, batch=4), number=3)
    end_training(keep_workers=True)
    kept = workers()
    torch.manual_seed(5)
    assert epochs(loader_of(SharingRunner, seed=7)) == alone
    assert workers() == kept and len(kept) == 2
    end_training(keep_workers=True)
    torch.manual_seed(5)
    assert epochs(loader_of(SharingRunner, seed=8)) != alone
    end_training(keep_workers=True)
    gc.freeze()  # as between two runs
    end_training(keep_workers=False)
    assert not workers()


class WholeNumbers(Numbers):
    """As Numbers, but a batch is put together by the dataset."""

    def __getitems__(self, indices):
        return [('together', *self[index]) for index in indices]


def test_a_dataset_that_gives_whole_batches_is_asked_for_them_by_kept_workers_too():
    whole = dict(dataset=dict(type=WholeNumbers, pipeline=[dict(type=Augment)]))
    torch.manual_seed(5)
    alone = epochs(loader_of(Runner, seed=7, **whole))
    epochs(loader_of(SharingRunner, seed=1, **whole))
    end_training(keep_workers=True)
    torch.manual_seed(5)
    assert epochs(loader_of(SharingRunner, seed=7, **whole)) == alone
    assert alone[0][0][0] == ('together',) * 3


def test_also_after_one_that_was_broken_off_within_an_epoch():
    torch.manual_seed(5)
    alone = epochs(loader_of(Runner, seed=7))
    next(iter(loader_of(SharingRunner, seed=1)))
    broken = workers()
    for keep in (True, False):
        end_training(keep_workers=keep)
        torch.manual_seed(5)
        assert epochs(loader_of(SharingRunner, seed=7)) == alone
        assert workers() == broken if keep else workers().isdisjoint(broken)


def test_also_where_an_epoch_has_fewer_batches_than_there_are_workers():
    torch.manual_seed(5)
    few = dict(batch=20, num_workers=4)
    alone = epochs(loader_of(Runner, seed=7, **few))
    epochs(loader_of(SharingRunner, seed=1, batch=2, num_workers=4))
    end_training(keep_workers=True)
    torch.manual_seed(5)
    assert epochs(loader_of(SharingRunner, seed=7, **few)) == alone


def test_a_killed_worker_is_an_error_and_not_a_hang():
    epochs(loader_of(SharingRunner, seed=1))
    end_training(keep_workers=True)
    os.kill(min(workers()), 9)
    with pytest.raises(RuntimeError, match='DataLoader worker .*(killed|exited)'):
        epochs(loader_of(SharingRunner, seed=1))


@pytest.mark.parametrize('epoch', [0, 1])
def test_a_hook_that_replaces_the_pipeline_is_heard_and_the_next_training_has_the_old_one(epoch):
    """As mmdet's PipelineSwitchHook and mmpretrain's SwitchRecipeHook do."""

    def switched(runner):
        torch.manual_seed(5)
        loader = loader_of(runner, seed=7)
        first = epochs(loader, epoch)
        loader.dataset.pipeline.transforms[:] = [Augment(calls=1000)]
        loader._iterator = None
        return first, epochs(loader)

    alone = switched(Runner)
    assert min(min(batch[4]) for batch in alone[1][0]) > 1000
    epochs(loader_of(SharingRunner, seed=1))
    end_training(keep_workers=True)
    assert switched(SharingRunner) == alone
    end_training(keep_workers=True)
    torch.manual_seed(5)
    assert max(max(batch[4]) for batch in epochs(loader_of(SharingRunner, 7))[0]) < 100


def test_a_shared_dataset_is_as_new_for_each_training():
    first = loader_of(SharingRunner, seed=1, num_workers=0).dataset
    first.pipeline.transforms[0].calls = 9
    first.of_a_hook = True
    again = loader_of(SharingRunner, seed=1, num_workers=0).dataset
    assert again.pipeline.transforms[0].calls == 0 and not hasattr(again, 'of_a_hook')


@pytest.mark.parametrize(
    'settings',
    [
        dict(persistent_workers=False),
        dict(worker_init_fn=dict(type=lambda worker: None)),
    ],
)
def test_workers_that_would_begin_otherwise_are_not_kept(settings):
    loader = loader_of(SharingRunner, seed=1, **settings)
    assert len(list(loader)) == 8
    del loader
    end_training(keep_workers=True)
    assert not workers()


def test_two_loaders_of_a_training_have_workers_of_their_own():
    """They may be in the middle of an epoch at the same time."""
    torch.manual_seed(5)
    alone = [list(loader_of(Runner, seed=7)) for _ in range(2)]
    torch.manual_seed(5)
    loaders = [loader_of(SharingRunner, seed=7) for _ in range(2)]
    together = list(zip(*loaders))
    assert [list(batches) for batches in zip(*together)] == alone
