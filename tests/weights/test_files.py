"""What is in files: what is refused, and what is read though much stands beside it."""

import argparse
import pickle
import random
import zipfile

import numpy as np
import pytest
import torch
from broken_weights import BROKEN, Harm
from mmengine.logging import HistoryBuffer
from safetensors.torch import save_file

from regnet_plugin.weights.addresses import read_checkpoint
from regnet_plugin.weights.files import read_training, read_weights, write_weights


@pytest.mark.parametrize('name', BROKEN)
def test_what_is_no_checkpoint_is_refused_in_one_line(broken, name):
    with pytest.raises(ValueError, match=BROKEN[name]) as caught:
        read_checkpoint(broken / name)
    assert '\n' not in str(caught.value) and str(broken / name) in str(caught.value)
    assert not (broken / 'trace').exists()


def test_that_harm_would_leave_a_trace(tmp_path):
    pickle.loads(pickle.dumps(Harm(tmp_path / 'trace')))
    assert (tmp_path / 'trace').exists()


@pytest.mark.parametrize('name', [name for name in BROKEN if name.endswith(('.pth', '.pyth'))])
def test_nor_does_a_training_go_on_from_it(broken, name):
    with pytest.raises(ValueError) as caught:
        read_training(broken / name)
    assert '\n' not in str(caught.value) and not (broken / 'trace').exists()


@pytest.mark.parametrize('kind', ['pth', 'pyth', 'safetensors', 'pkl'])
def test_whatever_bytes_are_damaged_it_is_one_line(tmp_path, kind):
    """Or nobody can know: only zips have checksums."""
    weights = {f'layer1.{number}.conv1.weight': torch.randn(8, 8, 3, 3) for number in range(4)}
    path = tmp_path / f'net.{kind}'
    if kind == 'safetensors':
        save_file(weights, path)
    elif kind == 'pkl':
        path.write_bytes(
            pickle.dumps(dict(model={name: value.numpy() for name, value in weights.items()}))
        )
    else:
        torch.save(weights, path, _use_new_zipfile_serialization=kind == 'pth')
    whole, chance, refused = path.read_bytes(), random.Random(0), 0
    for _ in range(150):
        data = bytearray(whole)
        start = chance.randrange(min(len(data), 1200))  # where names and shapes are
        data[start : start + 4] = chance.randbytes(len(data[start : start + 4]))
        path.write_bytes(data)
        try:
            read_weights(path)
        except ValueError as error:
            assert '\n' not in str(error)
            refused += 1
    assert refused > 15


def test_a_folder_and_no_file(tmp_path):
    for path in (tmp_path, tmp_path / 'gone.pth'):
        with pytest.raises(OSError, match=str(path)):
            read_checkpoint(path)


def _stock(path):
    """Write a checkpoint as MMEngine does.

    It has a history, schedules with a counter, numbers of NumPy, and the averaged model beside the
    weights.
    """
    history = HistoryBuffer([1.5, 2.5], [1, 1])
    torch.save(
        dict(
            meta=dict(epoch=3, iter=9, seed=5, dataset_meta=dict(CLASSES=('a', 'b'))),
            state_dict=dict(x=torch.ones(3)),
            ema_state_dict={'steps': torch.tensor(7), 'module.x': torch.zeros(3)},
            message_hub=dict(
                log_scalars=dict(loss=history),
                runtime_info=dict(
                    best=np.float64(3.5), kept=np.arange(3), few=np.float32(1), yes=np.bool_(True)
                ),
                resumed_keys=dict(loss=True),
            ),
            optimizer=dict(
                state={0: dict(momentum_buffer=torch.ones(3))}, param_groups=[dict(lr=0.1)]
            ),
        ),
        path,
    )


def _of_numpy_1(path):
    """The same file as NumPy 1 writes it: its modules had other names."""
    import zipfile

    with zipfile.ZipFile(path) as file:
        parts = {name: file.read(name) for name in file.namelist()}
    with zipfile.ZipFile(path, 'w') as file:
        for name, part in parts.items():
            file.writestr(name, part.replace(b'numpy._core.', b'numpy.core.'))


@pytest.mark.parametrize('change', [lambda path: None, _of_numpy_1])
def test_a_checkpoint_of_mmengine(tmp_path, change):
    path = tmp_path / 'epoch_3.pth'
    _stock(path)
    change(path)
    assert {name: value.tolist() for name, value in read_weights(path).items()} == dict(x=[1, 1, 1])
    whole = read_training(path)
    assert whole['meta']['seed'] == 5 and whole['optimizer']['param_groups'][0]['lr'] == 0.1
    history = whole['message_hub']['log_scalars']['loss']
    assert type(history) is HistoryBuffer and history.statistics('mean') == 2.0
    info = whole['message_hub']['runtime_info']
    assert (
        info['best'] == 3.5
        and info['kept'].tolist() == [0, 1, 2]
        and info['few'] == 1
        and info['yes']
    )


def test_a_checkpoint_of_timms_or_torchvisions_training(tmp_path):
    """A checkpoint is as their scripts train.py write it.

    The arguments are an object, and the averaged weights have a place of their own.
    """
    args, weights = argparse.Namespace(model='regnety_032', lr=0.1), dict(x=torch.ones(3))
    torch.save(
        dict(
            epoch=3,
            arch='regnety_032',
            state_dict=weights,
            args=args,
            version=2,
            state_dict_ema=dict(x=torch.zeros(3)),
        ),
        tmp_path / 'timm.pth.tar',
    )
    torch.save(
        dict(
            model=weights,
            optimizer=dict(state={}, param_groups=[]),
            epoch=3,
            args=args,
            model_ema={'module.x': torch.zeros(3)},
        ),
        tmp_path / 'torchvision.pth',
    )
    for name in ('timm.pth.tar', 'torchvision.pth'):
        for ema, expected in ((None, [0, 0, 0]), (True, [0, 0, 0]), (False, [1, 1, 1])):
            weights = read_weights(tmp_path / name, ema)
            assert {key: value.tolist() for key, value in weights.items()} == dict(x=expected)


class _Asks:
    """Asks for an attribute, as a history does for its statistics."""

    def __init__(self, owner, name):
        self.owner, self.name = owner, name

    def __reduce__(self):
        return getattr, (self.owner, self.name)


@pytest.mark.parametrize(
    'owner, name',
    [
        (HistoryBuffer, 'register_statistics'),
        (HistoryBuffer, '__init__'),
        (torch.Tensor, '__init__'),
        (np.ndarray, 'tofile'),
    ],
)
def test_getattr_is_for_statistics_only(tmp_path, owner, name):
    torch.save(dict(meta={}, state_dict={}, x=_Asks(owner, name)), tmp_path / 'net.pth')
    with pytest.raises(ValueError, match='but it calls builtins.getattr'):
        read_training(tmp_path / 'net.pth')


@pytest.mark.parametrize('suffix', ['pth', 'safetensors'])
@pytest.mark.parametrize('library', ['ours', 'pycls', 'timm'])
def test_what_is_written_is_read(tmp_path, suffix, library):
    """Also parts of one another's memory, in another order."""
    values = torch.arange(24.0).reshape(2, 3, 2, 2)
    weights = dict(
        x=values, y=values[:1], z=values.to(memory_format=torch.channels_last), n=torch.tensor(5)
    )
    write_weights(tmp_path / f'net.{suffix}', weights, library)
    found = read_weights(tmp_path / f'net.{suffix}')
    assert (
        all(torch.equal(found[name], value) for name, value in weights.items()) and len(found) == 4
    )
    assert [path.name for path in tmp_path.iterdir()] == [f'net.{suffix}']


@pytest.mark.parametrize('suffix', ['pth', 'safetensors'])
def test_nothing_is_left_of_what_cannot_be_written(tmp_path, suffix, small_files):
    with small_files(2**14), pytest.raises(OSError, match=f'net.{suffix} cannot be written'):
        write_weights(tmp_path / f'net.{suffix}', dict(x=torch.ones(2**14)), 'ours')
    assert list(tmp_path.iterdir()) == []


def bomb(path, megabytes):
    """A checkpoint whose tensor is all zeros, packed as only zips of others are."""
    torch.save(dict(x=torch.zeros(megabytes * 2**18)), path)
    with zipfile.ZipFile(path) as whole:
        parts = {part.filename: whole.read(part) for part in whole.infolist()}
    with zipfile.ZipFile(path, 'w', zipfile.ZIP_DEFLATED) as packed:
        for name, content in parts.items():
            packed.writestr(name, content)
    return path


@pytest.mark.parametrize('read', [read_weights, read_training])
def test_what_unpacks_to_much_more_is_refused_before_it_is_read(tmp_path, monkeypatch, read):
    path = bomb(tmp_path / 'net.pth', 8)
    assert path.stat().st_size < 10**5
    monkeypatch.setattr(torch, 'load', lambda *_, **__: pytest.fail('it is read'))
    with pytest.raises(
        ValueError,
        match=r'must hold its weights uncompressed.* its [\d,]+ bytes would become 8,\d+',
    ):
        read(path)


def test_a_tensor_larger_than_its_file_is_refused(tmp_path):
    torch.save(dict(x=torch.ones(1).expand(10**6, 10**6)), tmp_path / 'net.pth')
    with pytest.raises(ValueError, match=r'1 are larger than the file of [\d,]+ bytes, first x'):
        read_weights(tmp_path / 'net.pth')


@pytest.mark.parametrize('names', [('module.conv1.weight', 'conv1.weight'), (1, '1')])
def test_two_names_that_become_one_are_refused(tmp_path, names):
    torch.save({name: torch.randn(99) for name in names}, tmp_path / 'net.pth')
    with pytest.raises(ValueError, match=f'net.pth.*{names[0]} and {names[1]} are both {names[1]}'):
        read_weights(tmp_path / 'net.pth')
