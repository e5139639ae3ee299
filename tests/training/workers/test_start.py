"""Training processes import what their launcher imports, whatever lies in the working directory."""

import os
import subprocess

import pytest
from small_population import python_path

from regnet_plugin.cli.errors import UserError
from regnet_plugin.training.workers import gpus as gpus_module
from regnet_plugin.training.workers import start

OWN = """
import random, statistics, sys
import regnet_plugin
print(__name__, sys.argv[1:], regnet_plugin.__file__)
"""


def test_nothing_in_the_working_directory_is_imported_but_modules_of_pythonpath_are(tmp_path):
    import regnet_plugin

    for name in ('statistics.py', 'runpy.py', 'regnet_plugin/__init__.py'):
        (tmp_path / 'here' / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / 'here' / name).write_text('raise ImportError("of the user")')
    (tmp_path / 'own.py').write_text(OWN)
    done = subprocess.run(
        start.command('own', '--folder', 5),
        cwd=tmp_path / 'here',
        capture_output=True,
        text=True,
        env=dict(os.environ, PYTHONPATH=python_path(tmp_path)),
    )
    assert done.stdout == f"__main__ ['--folder', '5'] {regnet_plugin.__file__}\n", done.stderr


@pytest.mark.parametrize(
    'given, counted, gpus',
    [
        (None, 2, ['0', '1']),
        ('3,1', 2, ['3', '1']),
        ('0,1,2', 0, []),
        ('GPU-5, 7,-1', 1, ['GPU-5']),
        ('', None, []),
        ('-1', None, []),
    ],
)
def test_gpus_are_those_that_pytorch_finds(monkeypatch, given, counted, gpus):
    monkeypatch.setattr(gpus_module, 'which', lambda name: name)
    monkeypatch.setattr(gpus_module.start, 'command', lambda module: ['echo', str(counted)])
    monkeypatch.delenv('CUDA_VISIBLE_DEVICES', raising=False)
    if given is not None:
        monkeypatch.setenv('CUDA_VISIBLE_DEVICES', given)
    assert gpus_module.visible_gpus() == gpus


@pytest.mark.parametrize(
    'gpus, cores, processes, networks',
    [
        (4, 64, 1, 4),
        (5, 64, 2, 2),
        (1, 64, 2, 1),
        (0, 6, 1, 6),
        (0, 6, 4, 1),
        (0, 1, 2, 1),
    ],
)
def test_a_network_is_trained_per_gpu_or_else_per_core(
    monkeypatch, gpus, cores, processes, networks
):
    monkeypatch.setattr(gpus_module, 'usable_cores', lambda: cores)
    assert gpus_module.networks_at_a_time(gpus, processes) == networks


def test_a_process_that_was_to_find_the_gpus_and_is_killed_is_not_taken_for_no_gpus(monkeypatch):
    monkeypatch.setattr(gpus_module.start, 'command', lambda module: ['sh', '-c', 'kill -9 $$'])
    monkeypatch.setenv('CUDA_VISIBLE_DEVICES', '0,1')
    with pytest.raises(
        UserError, match='how many GPUs there are must end well, but it ended with -9'
    ):
        gpus_module.visible_gpus()


def test_without_gpus_a_variable_makes_none(monkeypatch):
    import torch

    if torch.cuda.is_available():
        pytest.skip('this machine has GPUs')
    monkeypatch.setenv('CUDA_VISIBLE_DEVICES', '0,1,2')
    assert gpus_module.visible_gpus() == []
