"""Two ranks by torchrun on CPUs (gloo) do what one rank does with their batches together."""
import json
import os
import subprocess
import sys
import time

import pytest
import torch
from killing import ROOT, kill_all

CONFIG = """
_base_ = {base!r}
norm_cfg = dict(type='GN', num_groups=4)  # independent of how a batch is divided, as BN is not
model = dict(backbone=dict(norm_cfg=norm_cfg, arch=dict(depth=4), strides=(1, 2, 2), out_indices=(2, )),
             head=dict(in_channels=120))
train_dataloader = dict(batch_size={batch})
train_cfg = dict(max_epochs=2)
optim_wrapper = dict(optimizer=dict(lr=0.02))
custom_imports = dict(imports=['recording_hook'])
custom_hooks = [dict(type='RecordingHook')]
"""


@pytest.fixture
def config(tmp_path, monkeypatch):
    monkeypatch.setenv('PYTHONPATH', str(ROOT / 'tests'))
    monkeypatch.setenv('PYTHON', sys.executable)

    def write(batch):
        path = tmp_path / f'batch_{batch}.py'
        path.write_text(CONFIG.format(base=str(ROOT / 'configs/regnetx_6.5mf_digits.py'), batch=batch))
        return path

    return write


def start(config, ranks, work_dir, *flags, port='29511'):
    command = [ROOT / 'tools/dist_train.sh', config, ranks, '--work-dir', work_dir, *flags]
    return subprocess.Popen(list(map(str, command)), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                            start_new_session=True, env=dict(os.environ, PORT=port),
                            cwd=config.parent)  # MMEngine gathers results in a folder of the working directory


def finish(*args, **kwargs):
    process = start(*args, **kwargs)
    output, _ = process.communicate(timeout=200)
    assert process.returncode == 0, output
    return output


def rows(path):
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_two_ranks_equal_one_with_the_same_total_batch(config, tmp_path):
    output = finish(config(32), 2, tmp_path / 'two')
    finish(config(64), 1, tmp_path / 'one')
    first, second, one = (rows(tmp_path / name) for name in ('two/order.jsonl', 'two/order-1.jsonl', 'one/order.jsonl'))
    per_epoch = 1437 // 64
    for ours, theirs, whole in list(zip(first, second, one))[:per_epoch]:
        assert sorted(ours['images'] + theirs['images']) == sorted(whole['images'])
        assert (ours['loss'] + theirs['loss']) / 2 == pytest.approx(whole['loss'], rel=1e-4)
    assert output.count('accuracy/top1: ') - output.count('Epoch(val)') == 1  # one rank prints the summary


def test_a_killed_distributed_run_resumes_to_the_same_end(config, tmp_path):
    finish(config(32), 2, tmp_path / 'whole', port='29512')
    process = start(config(32), 2, tmp_path / 'killed', port='29513')
    deadline = time.monotonic() + 100
    while not (tmp_path / 'killed/epoch_1.pth').exists():
        assert process.poll() is None and time.monotonic() < deadline, process.communicate()[0]
        time.sleep(0.02)
    time.sleep(0.2)
    kill_all(str(tmp_path / 'killed'))
    process.communicate()
    assert not (tmp_path / 'killed/epoch_2.pth').exists()
    finish(config(32), 2, tmp_path / 'killed', '--resume', port='29514')
    whole, killed = (torch.load(tmp_path / name / 'epoch_2.pth', weights_only=False)['state_dict']
                     for name in ('whole', 'killed'))
    assert all(torch.equal(value, killed[key]) for key, value in whole.items())


def test_a_launcher_that_did_not_start_the_process_is_said(config, run_tool):
    done = run_tool('train.py', config(64), '--launcher', 'pytorch')
    assert done.returncode == 2
    assert '--launcher pytorch is for processes started by torchrun' in done.stderr.splitlines()[-1]


def test_scripts_say_how_they_are_called():
    for script in ('dist_train.sh', 'dist_test.sh'):
        done = subprocess.run([ROOT / 'tools' / script], capture_output=True, text=True)
        assert done.returncode == 2 and f'tools/{script} CONFIG' in done.stderr
