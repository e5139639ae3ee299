"""The least that trains a classifier: what the engine's time is compared with by
tools/benchmark_population.py.
"""

import json
import shutil
import statistics
import tempfile
import time
from functools import partial
from pathlib import Path

import torch
from mmengine.config import Config
from mmengine.registry import MODELS, DefaultScope

from regnet_plugin.population.results import read_result
from regnet_plugin.training.populations.run_configs import write_configs
from regnet_plugin.training.populations.run_planning import prepare_runs
from regnet_plugin.training.shared_runner import SharingRunner
from regnet_plugin.training.workers.trainee import Trainee
from regnet_plugin.training.workers.trainee_reply import DONE


def train_bare(config):
    """Train as the config of a run says, with the same data path and network, and no more than a
    loop.

    Args:
        config (mmengine.Config): of a run whose optimizer is SGD.

    Returns:
        float: error in percent after the last epoch.
    """
    with DefaultScope.overwrite_default_scope(config.default_scope):
        torch.manual_seed(config.randomness.seed)
        model = MODELS.build(config.model)
        model.init_weights()
        device = 'cuda' if torch.cuda.is_available() else 'cpu'
        model.to(device)
        train, test = (
            SharingRunner.build_dataloader(config[name].to_dict(), seed=0)
            for name in ('train_dataloader', 'val_dataloader')
        )
        settings = {
            name: value for name, value in config.optim_wrapper.optimizer.items() if name != 'type'
        }
        optimizer = torch.optim.SGD(model.parameters(), **settings)
        epochs = config.train_cfg.max_epochs
        schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, epochs * len(train))
        for epoch in range(epochs):
            train.sampler.set_epoch(epoch)
            _train_epoch(model, train, optimizer, schedule)
            error = _error(model, test)
    return error


def _train_epoch(model, loader, optimizer, schedule):
    model.train()
    for batch in loader:
        losses = model(**model.data_preprocessor(batch, True), mode='loss')
        optimizer.zero_grad()
        losses['loss'].backward()
        optimizer.step()
        schedule.step()


@torch.no_grad()
def _error(model, loader):
    model.eval()
    right = total = 0
    for batch in loader:
        for sample in model(**model.data_preprocessor(batch, False), mode='predict'):
            right += int(sample.pred_label == sample.gt_label)
            total += 1
    return 100 * (1 - right / total)


def engine_overhead(population, recipe, networks, rounds, options=None):
    """Train networks by the engine and by the bare loop, in turn, in this process.

    Args:
        population (Population): whose networks they are.
        recipe (str): path of the config that says how.
        networks (Sequence[str], optional): their numbers; None is all.
        rounds (int): how often each is trained each way.
        options (dict, optional): settings of the recipe that are replaced.

    Yields:
        tuple[str, dict[str, float]]: after each network and round, its name, and seconds and
        errors: 'engine', 'bare loop', 'engine error', 'bare loop error'.
    """
    trainee = Trainee('none')
    with tempfile.TemporaryDirectory() as folder:
        runs = prepare_runs(population, recipe, names=networks, options=options, out=folder)
        for number in range(rounds):
            for run in runs:
                ways = [
                    ('engine', partial(_engine, trainee, run)),
                    ('bare loop', partial(_bare, _fresh(run))),
                ]
                row = {}
                for way, train in ways[::-1] if number % 2 else ways:
                    start = time.perf_counter()
                    row[f'{way} error'] = train()
                    row[way] = time.perf_counter() - start
                yield run.name, row


def _fresh(run):
    """A run as if it had never been trained, with its config; writing that is the engine's work,
    and fast enough.
    """
    shutil.rmtree(run.folder)
    run.folder.mkdir()
    return write_configs([run])[0]


def _engine(trainee, run):
    outcome = trainee.train(run.folder)
    if outcome['outcome'] != DONE:
        raise RuntimeError(json.dumps(outcome))
    return read_result(Path(run.folder)).last_error


def _bare(path):
    return train_bare(Config.fromfile(path))


def ratio(rows):
    """Median over trainings of the engine's time by the bare loop's."""
    return statistics.median(row['engine'] / row['bare loop'] for row in rows)
