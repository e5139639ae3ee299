"""Two ranks on CPUs (gloo) do what one rank does with their batches together.

They are started by torchrun and by a real Slurm.
"""

import json
import os
import subprocess

import private_slurm
import pytest
import torch
from killing import ROOT, kill_all
from mmengine.config import Config
from mmengine.dataset import pseudo_collate
from mmengine.registry import DATASETS, MODELS, DefaultScope
from private_slurm import free_ports, slurm
from small_population import python_path
from tiny_training import (
    STEPS_PER_EPOCH,
    check_equal,
    finish,
    records,
    start,
    steps,
    wait_for_file,
    write_config,
)

from regnet_plugin.training.outcome.history import read_history
from regnet_plugin.training.running import distributed


@pytest.fixture(scope='module')
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp('two_ranks')


@pytest.fixture(scope='module')
def configs(folder, tiny_imagenet):
    """Two configs with half a step's images for each rank.

    With the second one the processes hang in the second epoch.
    """
    return (
        write_config(folder / 'config.py', tiny_imagenet[0], batch=16),
        write_config(
            folder / 'hanging.py', tiny_imagenet[0], batch=16, hooks=[dict(type='HangHook')]
        ),
    )


def torchrun(config, work_dir, *flags, run=finish):
    command = ['dist_train.sh', config, 2, '--work-dir', work_dir, *flags]
    return run(command, config.parent, PORT=str(free_ports(1)[0]))


@pytest.fixture(scope='module')
def two_ranks(folder, configs):
    output = torchrun(configs[0], folder / 'whole')
    return folder / 'whole', output


def check_same_end(work_dir, other):
    states = [
        torch.load(place / 'epoch_2.pth', weights_only=False)['state_dict']
        for place in (work_dir, other)
    ]
    assert all(torch.equal(value, states[1][key]) for key, value in states[0].items())


def test_two_ranks_equal_one_with_the_same_total_batch(two_ranks, one_rank):
    work_dir, output = two_ranks
    check_equal(steps(work_dir), steps(one_rank))
    # one rank prints the summary
    assert output.count('accuracy/top1: ') - output.count('Epoch(val)') == 1


@pytest.mark.acceptance
def test_a_killed_distributed_run_resumes_to_the_same_end(folder, configs, two_ranks):
    work_dir = folder / 'killed'
    process = torchrun(configs[1], work_dir, run=start)
    wait_for_file(work_dir / 'hanging', process)
    kill_all(str(work_dir))
    process.communicate()
    assert not (work_dir / 'epoch_2.pth').exists()
    assert 'resumed epoch: 1' in torchrun(configs[0], work_dir, '--resume')
    check_same_end(work_dir, two_ranks[0])


@pytest.mark.acceptance
def test_two_ranks_go_on_with_the_gradients_that_each_accumulated(folder, configs):
    """Three iterations are an epoch, and two a step.

    So one is left, of which each rank has its own gradients.
    """
    options = ['--cfg-options', 'optim_wrapper.accumulative_counts=2']
    torchrun(configs[0], folder / 'accumulated', *options)
    output = torchrun(
        configs[0], folder / 'gone_on', '--resume', folder / 'accumulated/epoch_1.pth', *options
    )
    assert 'The accumulated gradients are those of the checkpoint' in output
    whole, resumed = (
        torch.load(folder / name / 'epoch_2.pth', weights_only=False)['state_dict']
        for name in ('accumulated', 'gone_on')
    )
    for name, value in whole.items():
        torch.testing.assert_close(resumed[name], value, rtol=1e-5, atol=1e-7)


@pytest.fixture(scope='module')
def cluster(tmp_path_factory):
    with slurm(tmp_path_factory.mktemp('slurm')) as environment:
        yield environment


def test_where_there_is_no_slurm_its_tests_fail_and_say_what_is_missing(tmp_path, monkeypatch):
    monkeypatch.setattr(private_slurm, 'FILES', tmp_path / 'nothing')
    with (
        pytest.raises(
            AssertionError, match='there is no Slurm in .*: `make test` unpacks it there'
        ),
        slurm(tmp_path),
    ):
        pass


def by_slurm(cluster, script, name, config, *arguments, run=finish):
    return run(
        [script, 'main', name, config, *arguments],
        config.parent,
        **cluster,
        GPUS='2',
        GPUS_PER_NODE='0',
        CPUS_PER_TASK='1',
    )


@pytest.mark.acceptance
def test_a_cancelled_slurm_job_resumes_to_the_end_of_two_ranks(
    folder, configs, cluster, one_rank, two_ranks
):
    work_dir = folder / 'slurm'
    process = by_slurm(
        cluster, 'slurm_train.sh', 'killed', configs[1], '--work-dir', work_dir, run=start
    )
    wait_for_file(work_dir / 'hanging', process)
    check_equal(steps(work_dir)[:STEPS_PER_EPOCH], steps(one_rank)[:STEPS_PER_EPOCH])
    subprocess.run(['scancel', '--name=killed'], env=cluster, check=True)
    process.communicate(timeout=60)
    assert process.returncode != 0 and not (work_dir / 'epoch_2.pth').exists()
    output = by_slurm(
        cluster, 'slurm_train.sh', 'resumed', configs[0], '--work-dir', work_dir, '--resume'
    )
    assert (
        'resumed epoch: 1' in output
        and output.count('accuracy/top1: ') - output.count('Epoch(val)') == 1
    )
    check_same_end(work_dir, two_ranks[0])


@pytest.mark.acceptance
def test_slurm_evaluates(folder, configs, cluster, two_ranks):
    out = folder / 'metrics.json'
    by_slurm(
        cluster,
        'slurm_test.sh',
        'test',
        configs[0],
        two_ranks[0] / 'epoch_2.pth',
        '--work-dir',
        folder / 'test',
        '--out',
        out,
        '--out-item',
        'metrics',
    )
    validation = read_history(two_ranks[0]).validation[-1]
    assert json.loads(out.read_text()) == {
        name: value for name, value in validation.items() if name != 'step'
    }


def test_jobs_and_steps_of_one_node_have_ports_of_their_own(monkeypatch):
    ports = set()
    for job, step in ((1, 0), (1, 1), (2, 0), (50_001, 0)):
        monkeypatch.setenv('SLURM_JOB_ID', str(job))
        monkeypatch.setenv('SLURM_STEP_ID', str(step))
        ports.add(int(distributed._slurm_port()))
    assert len(ports) == 4 and min(ports) >= 10_000 and max(ports) < 32_768


@pytest.mark.parametrize('nodes, address', [('1', '127.0.0.1'), ('2', 'node7')])
def test_ranks_meet_at_the_first_node_of_the_step(monkeypatch, tmp_path, nodes, address):
    scontrol = tmp_path / 'scontrol'
    scontrol.write_text(
        '#!/bin/sh\n[ "$*" = "show hostnames node[7-8]" ] && printf "node7\\nnode8\\n"\n'
    )
    scontrol.chmod(0o755)
    monkeypatch.setenv('PATH', f'{tmp_path}:{os.environ["PATH"]}')
    monkeypatch.setenv('SLURM_STEP_NUM_NODES', nodes)
    monkeypatch.setenv('SLURM_STEP_NODELIST', 'node[7-8]')
    assert distributed._slurm_address() == address


def batch_statistics(config, checkpoint, batches):
    """Means over batches of what each BN sees of them, by the names that the state has."""
    with DefaultScope.overwrite_default_scope('mmpretrain'):
        preprocessor = dict(config.data_preprocessor, type='ClsDataPreprocessor')
        model = MODELS.build(dict(config.model, data_preprocessor=preprocessor))
        dataset = DATASETS.build(config.train_dataloader.dataset)
    model.load_state_dict(checkpoint)
    norms = {
        name: module
        for name, module in model.named_modules()
        if isinstance(module, torch.nn.BatchNorm2d)
    }
    for norm in norms.values():
        norm.momentum = 1
    seen = {f'{name}.{kind}': [] for name in norms for kind in ('running_mean', 'running_var')}
    with torch.no_grad():
        for batch in batches:
            model(**model.data_preprocessor(pseudo_collate([dataset[index] for index in batch])))
            for name, values in seen.items():
                values.append(model.state_dict()[name].clone())
    return {name: torch.stack(values).mean(0) for name, values in seen.items()}


@pytest.mark.acceptance
def test_precise_bn_of_two_ranks_is_the_mean_over_their_batches(folder, tiny_imagenet):
    path = write_config(
        folder / 'bn.py',
        tiny_imagenet[0],
        batch=16,
        norm=dict(type='BN'),
        hooks=[dict(type='KeepMomentumStatistics')],
    )
    work_dir = folder / 'bn'
    torchrun(path, work_dir, '--cfg-options', 'train_cfg.max_epochs=1')
    precise = torch.load(work_dir / 'epoch_1.pth', weights_only=False)['state_dict']
    by_momentum = torch.load(work_dir / 'momentum.pth', weights_only=False)
    batches = [row['images'] for rank in records(work_dir) for row in rank]
    assert len(batches) == 2 * STEPS_PER_EPOCH
    expected = batch_statistics(Config.fromfile(path), precise, batches)
    assert len(expected) == 2 * 9
    for name, value in precise.items():
        if name in expected:
            torch.testing.assert_close(value, expected[name], rtol=1e-4, atol=1e-5)
            assert not torch.allclose(value, by_momentum[name], rtol=1e-2)
        else:
            assert torch.equal(value, by_momentum[name]) or name.endswith('num_batches_tracked')


def test_a_launcher_that_did_not_start_the_process_is_said(configs, run_tool, monkeypatch):
    monkeypatch.setenv('PYTHONPATH', python_path())
    done = run_tool('train.py', configs[0], '--launcher', 'slurm')
    assert done.returncode == 2
    assert (
        '--launcher slurm is for processes started by srun: tools/slurm_train.sh'
        in done.stderr.splitlines()[-1]
    )


@pytest.mark.parametrize(
    'script', ['dist_train.sh', 'dist_test.sh', 'slurm_train.sh', 'slurm_test.sh']
)
def test_scripts_say_how_they_are_called(script):
    done = subprocess.run([ROOT / 'tools' / script], capture_output=True, text=True)
    assert done.returncode == 2 and f'tools/{script} ' in done.stderr and 'set -' not in done.stderr
