"""Demands that take longer than the test run allows, at full length: `make acceptance`.

Each prints what it measured.
"""

import re
import statistics
import subprocess
import sys
import time

import pytest
import torch
from killing import ROOT, run_and_kill, start_training
from parity import LARGEST, PEERS, check_training_step

DIGITS = ROOT / 'configs/regnetx_6.5mf_digits.py'


def finish(work_dir, *flags, options=()):
    process = start_training(DIGITS, work_dir, *flags, options=options)
    output, _ = process.communicate(timeout=600)
    assert process.returncode == 0, output
    return output


@pytest.mark.parametrize('seed', range(5))
def test_digits_reach_97_percent_in_a_minute_of_training(tmp_path, seed, report):
    output = finish(tmp_path, options=[f'randomness.seed={seed}'])
    accuracy = float(re.search(r'accuracy/top1: ([\d.]+) at the end', output)[1])
    stamps = re.findall(
        r'(\d\d):(\d\d):(\d\d) - mmengine - INFO - (?:Checkpoints will|Epoch\(val\))', output
    )
    first, last = ([int(part) for part in stamp] for stamp in (stamps[0], stamps[-1]))
    seconds = (last[0] - first[0]) % 24 * 3600 + (last[1] - first[1]) * 60 + last[2] - first[2]
    report(f'seed {seed}: {accuracy:.2f}% after {seconds} s of training')
    assert accuracy >= 97 and seconds <= 60


@pytest.mark.parametrize('epoch', [1, 5, 9, 14])
def test_full_training_killed_and_resumed_is_bit_for_bit(tmp_path, tmp_path_factory, epoch, report):
    whole = tmp_path_factory.getbasetemp() / 'whole'
    if not whole.exists():
        finish(whole)
    run_and_kill(DIGITS, tmp_path, after=f'epoch_{epoch}.pth', delay=0.1 * epoch)
    finish(tmp_path, '--resume')
    one, other = (
        torch.load(folder / 'epoch_15.pth', weights_only=False)['state_dict']
        for folder in (whole, tmp_path)
    )
    assert all(torch.equal(value, other[key]) for key, value in one.items())
    report(f'killed after epoch {epoch}: {len(one)} tensors equal bit for bit')


FIRST_ITERATION = """
custom_imports = dict(imports=['first_iteration'])
custom_hooks = [dict(type='FirstIterationHook')]
"""


def seconds_until_it_prints(command, cwd):
    start = time.monotonic()
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, cwd=cwd
    )
    for line in process.stdout:
        if 'READY' in line:
            seconds = time.monotonic() - start
            process.kill()
            process.communicate()
            return seconds
    raise AssertionError(f'{command} ended without READY')


def test_a_second_make_is_at_most_2_seconds_behind_the_imports(tmp_path, monkeypatch, report):
    """`make` again, until its first iteration, takes little more than its imports.

    The imports are mmpretrain's models and datasets; both are timed in turn.
    """
    (tmp_path / 'config.py').write_text(f'_base_ = {str(DIGITS)!r}\n{FIRST_ITERATION}')
    monkeypatch.setenv('PYTHONPATH', str(ROOT / 'tests/acceptance'))
    imports = [
        sys.executable,
        '-uc',
        'import mmpretrain.models, mmpretrain.datasets; print("READY")',
    ]
    subprocess.run(['make', '--question', 'install'], cwd=ROOT, check=True)
    training = [
        'sh',
        '-c',
        f'make -s install && exec {sys.executable} -u tools/train.py {tmp_path / "config.py"} '
        f'--work-dir {tmp_path / "run"}',
    ]
    differences = []
    for _ in range(7):
        alone, first = (seconds_until_it_prints(command, ROOT) for command in (imports, training))
        differences.append(first - alone)
        report(f'imports {alone:.2f} s, first iteration {first:.2f} s')
    report(f'median difference {statistics.median(differences):.2f} s')
    assert statistics.median(differences) <= 2


@pytest.mark.parametrize('library, name', [peer for peer in PEERS if peer[1] in LARGEST])
def test_a_training_step_of_the_largest_networks_equals_the_peers(library, name, report):
    """In float32, since two networks of 645 M parameters and their gradients are to fit 24 GiB."""
    check_training_step(library, name, torch.float32, tolerance=1e-5)
    report(f'{name} of {library}: gradients and statistics equal')
