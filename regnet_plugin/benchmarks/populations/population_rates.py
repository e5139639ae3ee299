"""How many networks of a population an hour trains, with one worker and with several."""

import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import torch

from regnet_plugin.population.runs.layout import RESULT
from regnet_plugin.population.runs.planning import recipe_folder
from regnet_plugin.population.runs.results import read_result
from regnet_plugin.population.store import Population


@dataclass(frozen=True)
class PopulationRate:
    """A population that was trained by a number of workers on one device.

    Attributes:
        workers: networks that were trained at a time.
        networks: that were trained.
        failed: those among them that failed.
        seconds: from the beginning of the first training to the last result. The start of the
            processes is no part of it, as it is none of a long population; that of the last of
            several is, which understates their rate.
    """

    workers: int
    networks: int
    failed: int
    seconds: float

    @property
    def per_hour(self) -> float:
        """Networks in an hour."""
        return 3600 * self.networks / self.seconds


def population_rate(
    train_tool: Path,
    population: Population,
    recipe: Path,
    workers: int,
    options: Sequence[str] = (),
) -> PopulationRate:
    """Train a population anew, all of it on the first GPU or on the CPU, and see how long it takes.

    Args:
        train_tool: tools/train_population.py.
        population: its networks are trained once for each number of workers.
        recipe: path of the config that says how.
        workers: networks trained at a time.
        options: settings of the recipe, KEY=VALUE.

    Raises:
        RuntimeError: if the tool ends with an error; its last words.
    """
    name = f'by_{workers}_workers'
    command = [sys.executable, train_tool, population.directory, recipe, '--name', name]
    command += ['--workers', workers]
    if options:
        command += ['--cfg-options', *options]
    done = subprocess.run(
        list(map(str, command)), env=_one_device(), capture_output=True, text=True
    )
    if done.returncode:
        words = (done.stderr or done.stdout).strip().splitlines()
        raise RuntimeError(f'{train_tool.name} ended with {done.returncode}: {words[-1:]}')
    return _rate(recipe_folder(population, name), workers)


def _one_device() -> dict[str, str]:
    """The environment of processes that see one GPU at most."""
    if not torch.cuda.is_available():
        return dict(os.environ)
    first, *_ = os.environ.get('CUDA_VISIBLE_DEVICES', '0').split(',')
    return dict(os.environ, CUDA_VISIBLE_DEVICES=first)


def _rate(runs: Path, workers: int) -> PopulationRate:
    """What the results of runs, and when their files were written, say."""
    begun, ended, failed = [], [], 0
    for path in sorted(runs.glob(f'*/{RESULT}')):
        result = read_result(path.parent)
        assert result is not None  # the path is that of one
        ended.append(path.stat().st_mtime)
        begun.append(ended[-1] - (result.seconds or 0))  # none if it failed at once
        failed += result.status == 'failed'
    return PopulationRate(workers, len(ended), failed, max(ended) - min(begun))
