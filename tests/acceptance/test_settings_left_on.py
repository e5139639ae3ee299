"""Each tool that trains or tests, with all settings on that users leave on.

Other tests leave them off.

Loaders with processes that stay and pinned memory, cuDNN's benchmark, averaged weights, precise BN,
early stopping, painted predictions, bfloat16 with channels innermost, several checkpoints kept.
"""

import json
import subprocess
import sys

import pytest
from killing import ROOT
from small_population import results, sampled

CONFIG = f"""
_base_ = {str(ROOT / 'configs/regnetx_6.5mf_digits.py')!r}
loader = dict(num_workers=2, persistent_workers=True, pin_memory=True)
train_dataloader = dict(loader, prefetch_factor=4, drop_last=True, dataset=dict(indices=448))
val_dataloader = dict(loader, dataset=dict(indices=240))
test_dataloader = val_dataloader
model = dict(backbone=dict(fast_path=dict(compile=False)))
env_cfg = dict(cudnn_benchmark=True)
train_cfg = dict(max_epochs=2)
default_hooks = dict(
    logger=dict(interval=3), checkpoint=dict(save_best='accuracy/top1', rule='greater'),
    visualization=dict(enable=True, interval=50))
custom_hooks = [
    dict(type='PreciseBNHook', num_samples=128, interval=1, priority='ABOVE_NORMAL'),
    dict(type='EMAHook', momentum=0.1, update_buffers=True),
    dict(type='EarlyStoppingHook', monitor='accuracy/top1', patience=5),
]
"""


def run(tool, *arguments, cwd):
    done = subprocess.run(
        [sys.executable, ROOT / 'tools' / tool, *map(str, arguments)],
        capture_output=True,
        text=True,
        cwd=cwd,
        timeout=900,
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    return done.stdout


@pytest.fixture(scope='module')
def place(tmp_path_factory):
    """A folder with a config, a recipe, and a population of two networks."""
    folder = tmp_path_factory.mktemp('place')
    (folder / 'config.py').write_text(CONFIG)
    sampled(folder / 'population', 2)
    return folder


@pytest.fixture(scope='module')
def trained(place):
    """The population, trained."""
    run('train_population.py', 'population', 'config.py', '--name', 'on', '--workers', 2, cwd=place)
    return place


def test_one_network_is_trained_goes_on_and_is_tested(place):
    output = run('train.py', 'config.py', '--work-dir', 'one', cwd=place)
    assert 'accuracy/top1: ' in output
    assert list((place / 'one').rglob('vis_data/vis_image/*.png'))
    run(
        'train.py',
        'config.py',
        '--work-dir',
        'one',
        '--resume',
        '--cfg-options',
        'train_cfg.max_epochs=3',
        cwd=place,
    )
    assert (place / 'one/epoch_3.pth').exists()
    run(
        'test.py',
        'config.py',
        'one/epoch_3.pth',
        '--show-dir',
        'shown',
        '--out',
        'metrics.json',
        '--out-item',
        'metrics',
        '--work-dir',
        'tested',
        '--cfg-options',
        'env_cfg.cudnn_benchmark=True',
        cwd=place,
    )
    rows = [
        json.loads(line)
        for path in (place / 'one').glob('*/vis_data/scalars.json')
        for line in path.read_text().splitlines()
    ]
    last = next(row for row in rows if row.get('step') == 3 and 'accuracy/top1' in row)
    assert json.loads((place / 'metrics.json').read_text())['accuracy/top1'] == pytest.approx(
        last['accuracy/top1']
    )
    assert list((place / 'shown').glob('*.png'))


def test_processes_train_one_network_together(place):
    script = [str(ROOT / 'tools/dist_train.sh'), 'config.py', '2', '--work-dir', 'two']
    done = subprocess.run(
        script,
        cwd=place,
        capture_output=True,
        text=True,
        timeout=900,
        env={
            'PATH': f'{sys.prefix}/bin:/usr/bin:/bin',
            'PYTHON': sys.executable,
            'OMP_NUM_THREADS': '1',
        },
    )
    assert done.returncode == 0 and (place / 'two/epoch_2.pth').exists(), (
        done.stdout[-3000:] + done.stderr[-3000:]
    )


def test_a_population_is_trained_and_its_best_one_again(trained):
    assert [result.status for result in results(trained / 'population', 'on').values()] == 2 * [
        'done'
    ]
    run(
        'select_best.py',
        'population',
        'config.py',
        '--ranked-by',
        'on',
        '--name',
        'again',
        '--seed',
        1,
        '--baselines',
        'resnet50',
        '--baseline-flops',
        '6.5e6',
        cwd=trained,
    )
    assert 'resnet50' in (trained / 'population/runs/again/best.csv').read_text()


def test_what_it_costs_is_told_and_measured(trained):
    assert 'timed now' in run(
        'train_population.py', 'population', 'config.py', '--name', 'new', '--dry-run', cwd=trained
    )
    output = run(
        'benchmark_population.py',
        'population',
        'config.py',
        '--networks',
        '000000',
        '--rounds',
        1,
        cwd=trained,
    )
    assert 'engine / bare loop: ' in output


def test_two_processes_train_each_network_of_a_population(place):
    run(
        'train_population.py',
        'population',
        'config.py',
        '--name',
        'pairs',
        '--processes',
        2,
        '--networks',
        0,
        cwd=place,
    )
    assert [result.status for result in results(place / 'population', 'pairs').values()] == ['done']
