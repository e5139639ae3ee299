"""What a network takes of a cluster, and which options a launcher has."""

from argparse import ArgumentParser
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest
from killing import ROOT

from regnet_plugin.cli.errors import UserError
from regnet_plugin.launchers.cluster import Share
from regnet_plugin.launchers.options import (
    _LAUNCHERS,
    _OWNERS,
    add_training_options,
    launcher_of,
    print_estimate,
)
from regnet_plugin.launchers.ray import _places
from regnet_plugin.population.runs.run import Run
from regnet_plugin.population.selection import regnet_sample
from regnet_plugin.population.store import SampledNetwork
from regnet_plugin.training.estimates import estimate
from regnet_plugin.training.populations.launcher import Launcher


@pytest.mark.parametrize(
    'processes, gpus, cpus, has_gpus, share',
    [
        (1, None, None, False, Share(1, 0, 1)),
        (1, None, None, True, Share(1, 1, 1)),
        (2, None, 4, True, Share(2, 2, 4)),
        (1, 2, None, True, Share(2, 2, 2)),
        (1, 0.5, 2, True, Share(1, 0.5, 2)),
        (2, 0, None, True, Share(2, 0, 2)),
    ],
)
def test_what_was_not_asked_for_is_filled_in(processes, gpus, cpus, has_gpus, share):
    assert Share.of(processes, gpus, cpus, has_gpus) == share


@pytest.mark.parametrize(
    'processes, gpus, message',
    [
        (1, 1.5, '--gpus-per-network must be a whole number or less than 1, but it is 1.5'),
        (2, 0.5, 'a GPU of its own, but --processes is 2 and --gpus-per-network is 0.5'),
        (2, 4, 'a GPU of its own, but --processes is 2 and --gpus-per-network is 4'),
    ],
)
def test_numbers_that_do_not_fit_are_refused(processes, gpus, message):
    with pytest.raises(UserError, match=message):
        Share.of(processes, gpus, None, True)


def test_a_network_on_cpus_sees_no_gpu_and_has_its_threads():
    assert Share(1, 0, 4).variables == dict(
        OMP_NUM_THREADS='4', MKL_NUM_THREADS='4', CUDA_VISIBLE_DEVICES=''
    )
    assert 'CUDA_VISIBLE_DEVICES' not in Share(2, 2, 8).variables


@pytest.mark.parametrize(
    'share, places',
    [
        (Share(1, 0.1, 0.1), 40),
        (Share(2, 2, 2), 2),
        (Share(1, 1, 12), 1),
        (Share(8, 8, 8), 0),
        (Share(1, 0, 1), 20),
    ],
)
def test_networks_fit_on_one_machine_each(share, places):
    assert _places([dict(CPU=8, GPU=2), dict(CPU=12, GPU=2)], share) == places


@pytest.mark.parametrize(
    'flags, message',
    [
        (('--timeout', 'nan'), '--timeout must be a finite number of minutes from 0.2'),
        (('--timeout', 'inf'), 'but it is inf'),
        (('--timeout', '0.02'), 'but it is 0.02'),
        (('--partition', 'gpu'), '--partition is for --launcher slurm'),
        (('--launcher', 'ray', '--detach'), '--detach is for --launcher slurm'),
        (('--gpus-per-network', '0.5'), '--gpus-per-network is for --launcher ray and slurm'),
        (('--launcher', 'ray', '--cpus-per-network', '0'), 'must be positive'),
        (
            ('--launcher', 'slurm', '--time', 'soon'),
            "hours:minutes:seconds or days-hours, but it is 'soon'",
        ),
        (('--launcher', 'slurm', '--array-limit', '0'), '--array-limit must be positive'),
    ],
)
def test_options_of_another_launcher_and_wrong_values_are_refused(run_tool, flags, message):
    done = run_tool('train_population.py', 'population', 'recipe.py', *flags)
    assert done.returncode == 2 and message in done.stderr.splitlines()[-1]


@pytest.mark.parametrize('name', _LAUNCHERS)
def test_each_choice_makes_a_launcher_of_its_own(name):
    parser = ArgumentParser()
    add_training_options(parser)
    made = {
        choice: type(launcher_of(parser.parse_args(['--launcher', choice])))
        for choice in _LAUNCHERS
    }
    assert list(made.values()).count(made[name]) == 1
    for method in ('start', 'alive', 'stop'):
        assert getattr(made[name], method) is not getattr(Launcher, method), method


def test_options_belong_to_launchers_that_there_are():
    assert {owner for owners in _OWNERS.values() for owner in owners} <= set(_LAUNCHERS)


def run_with(name, flops, activations):
    sample = regnet_sample('regnetx_200mf')
    counts = replace(sample.complexity, flops=flops, activations=activations)
    return Run(Path(name), SampledNetwork(name, 0, replace(sample, complexity=counts)), 0)


def test_runs_are_estimated_in_the_order_in_which_they_are_trained(monkeypatch):
    runs = [
        run_with(name, *counts)
        for name, counts in dict(
            most_flops=(9000, 10), equal=(400, 400), costliest=(4000, 100), other=(100, 1600)
        ).items()
    ]
    ordered = []

    def noted(runs, *_, **__):
        ordered.extend(run.folder.name for run in runs)
        return estimate.Estimate(0, 0, (), 1, None, '')

    monkeypatch.setattr(estimate, 'estimate_training', noted)
    args = SimpleNamespace(
        recipe=ROOT / 'configs/regnetx_6.5mf_digits.py',
        cfg_options=None,
        workers=None,
        processes=1,
        retry_failed=False,
    )
    print_estimate(SimpleNamespace(manifest={}, base=None), runs, args)
    assert ordered == ['most_flops', 'equal', 'costliest', 'other']
