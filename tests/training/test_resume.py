"""A killed run resumes to the same end.

This is a miniature of tests/acceptance, which does it at full length.
"""

import json
import os

import pytest
import torch
from killing import ROOT, run_and_kill, start_training
from small_population import python_path

from regnet_plugin.training.outcome.history import read_history

MINIATURE = (
    'train_cfg.max_epochs=3',
    'model.backbone.arch.depth=4',
    'model.head.in_channels=120',
    'model.backbone.strides=(1,2,2)',
    'model.backbone.out_indices=(2,)',
    'train_dataloader.batch_size=96',
)
AUGMENTED = """
_base_ = {base!r}
train_dataloader = dict(dataset=dict(pipeline=[
    dict(type='RandomCrop', crop_size=32, padding=4), dict(type='PackInputs')]))
custom_imports = dict(imports=['recording_hook'])
custom_hooks = [dict(type='RecordingHook')]
randomness = dict(_delete_=True, seed=None)
"""


def finish(config, work_dir, *flags, options=MINIATURE):
    process = start_training(config, work_dir, *flags, options=options)
    output, _ = process.communicate(timeout=280)
    assert process.returncode == 0, output
    return output


def same_tensors(one, other):
    assert one.keys() == other.keys()
    return all(torch.equal(value, other[key]) for key, value in one.items())


def load(path):
    return torch.load(path, weights_only=False)  # written by this very test


@pytest.mark.acceptance
def test_bit_for_bit_without_augmentation(tmp_path):
    config = ROOT / 'configs/regnetx_6.5mf_digits.py'
    finish(config, tmp_path / 'whole')
    run_and_kill(config, tmp_path / 'killed', options=MINIATURE, after='epoch_1.pth')
    assert not (tmp_path / 'killed/epoch_3.pth').exists()
    output = finish(config, tmp_path / 'killed', '--resume')
    assert 'resumed epoch: 1' in output or 'resumed epoch: 2' in output
    whole, killed = (load(tmp_path / name / 'epoch_3.pth') for name in ('whole', 'killed'))
    assert same_tensors(whole['state_dict'], killed['state_dict'])
    momenta = [
        [state['momentum_buffer'] for state in run['optimizer']['state'].values()]
        for run in (whole, killed)
    ]
    assert all(torch.equal(one, other) for one, other in zip(*momenta))


def rows(work_dir):
    """The last record of each iteration, which is the one that counted."""
    records = [json.loads(line) for line in (work_dir / 'order.jsonl').read_text().splitlines()]
    return {row.pop('iter'): dict(row, loss=None) for row in records}


@pytest.mark.acceptance
def test_same_epochs_rates_and_order_with_augmentation_and_no_seed(tmp_path, monkeypatch):
    monkeypatch.setenv('PYTHONPATH', python_path())
    config = tmp_path / 'augmented.py'
    config.write_text(AUGMENTED.format(base=str(ROOT / 'configs/regnetx_6.5mf_digits.py')))
    run_and_kill(config, tmp_path / 'killed', options=MINIATURE, after='epoch_1.pth')
    seed = load(tmp_path / 'killed/epoch_1.pth')['meta']['seed']
    finish(config, tmp_path / 'killed', '--resume')
    finish(config, tmp_path / 'whole', options=(*MINIATURE, f'randomness.seed={seed}'))
    killed, whole = rows(tmp_path / 'killed'), rows(tmp_path / 'whole')
    assert len(whole) == 3 * 15 and killed == whole
    assert (
        len({image for row in whole.values() if row['epoch'] == 2 for image in row['images']})
        == 1437
    )


@pytest.mark.acceptance
@pytest.mark.parametrize('damage', ['cut_off', 'empty_note'])
def test_a_kill_while_a_checkpoint_is_written_loses_one_epoch_at_most(tmp_path, damage):
    config = ROOT / 'configs/regnetx_6.5mf_digits.py'
    finish(config, tmp_path, options=(*MINIATURE, 'train_cfg.max_epochs=2'))
    if damage == 'cut_off':
        os.truncate(tmp_path / 'epoch_2.pth', 10_000)
    else:
        (tmp_path / 'last_checkpoint').write_text('')
    output = finish(config, tmp_path, '--resume', options=(*MINIATURE, 'train_cfg.max_epochs=2'))
    assert f'resumed epoch: {1 if damage == "cut_off" else 2}' in output
    assert 'accuracy/top1' in output.splitlines()[-5]


@pytest.mark.acceptance
def test_resume_with_nothing_to_resume_starts(tmp_path):
    output = finish(
        ROOT / 'configs/regnetx_6.5mf_digits.py',
        tmp_path,
        '--resume',
        options=(*MINIATURE, 'train_cfg.max_epochs=2'),
    )
    assert 'has no checkpoint yet: starting from the beginning' in output


@pytest.mark.acceptance
@pytest.mark.parametrize('epoch', [2, 3])
def test_a_kill_in_a_validation_loses_no_validation(tmp_path, monkeypatch, epoch):
    monkeypatch.setenv('PYTHONPATH', python_path())
    digits = ROOT / 'configs/regnetx_6.5mf_digits.py'
    config = tmp_path / 'killed.py'
    config.write_text(
        f"_base_ = {str(digits)!r}\ncustom_imports = dict(imports=['recording_hook'])\n"
        f"custom_hooks = [dict(type='KillInValidation', epoch={epoch})]\n"
    )
    process = start_training(config, tmp_path / 'killed', options=MINIATURE)
    process.communicate(timeout=200)
    assert process.returncode == -9 and (tmp_path / f'killed/epoch_{epoch}.pth').is_file()
    summaries = [
        finish(digits, tmp_path / 'killed', '--resume'),
        finish(digits, tmp_path / 'whole'),
    ]
    histories = [read_history(tmp_path / name).validation for name in ('killed', 'whole')]
    assert histories[0] == histories[1] and len(histories[0]) == 3
    results = [
        next(line for line in text.splitlines() if line.startswith('accuracy/top1: '))
        for text in summaries
    ]
    assert results[0] == results[1]
    names = [
        {path.name for path in (tmp_path / name).glob('best*')} for name in ('killed', 'whole')
    ]
    assert names[0] == names[1]


@pytest.mark.acceptance
def test_resuming_into_another_folder_leaves_the_first_alone(tmp_path):
    config = ROOT / 'configs/regnetx_6.5mf_digits.py'
    finish(config, tmp_path / 'first', options=(*MINIATURE, 'train_cfg.max_epochs=2'))
    before = {path.name for path in (tmp_path / 'first').iterdir()}
    output = finish(config, tmp_path / 'second', '--resume', tmp_path / 'first/epoch_2.pth')
    assert {path.name for path in (tmp_path / 'first').iterdir()} == before
    (best,) = [line for line in output.splitlines() if line.startswith('best checkpoint:')]
    assert str(tmp_path / 'second') in best
