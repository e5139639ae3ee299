import os
import random
import zipfile

import pytest
import torch

from regnet_plugin.population.runs.run import RunFolder
from regnet_plugin.training.outcome.checkpoints import newest_checkpoint


def save(path, seconds):
    torch.save(dict(state_dict={}), path)
    os.utime(path, (seconds, seconds))


def test_the_noted_checkpoint_is_taken(tmp_path):
    save(tmp_path / 'epoch_1.pth', 1)
    save(tmp_path / 'epoch_15.pth', 2)  # of an earlier training in the same folder
    (tmp_path / 'last_checkpoint').write_text('/moved/since/epoch_1.pth')
    assert newest_checkpoint(tmp_path) == tmp_path / 'epoch_1.pth'


def test_an_empty_note_and_a_cut_off_file_are_passed_over(tmp_path):
    save(tmp_path / 'epoch_9.pth', 1)
    save(tmp_path / 'epoch_10.pth', 2)
    save(tmp_path / 'best_accuracy_top1_epoch_3.pth', 9)
    whole = (tmp_path / 'epoch_10.pth').read_bytes()
    (tmp_path / 'epoch_11.pth').write_bytes(whole[: len(whole) // 2])
    (tmp_path / 'last_checkpoint').write_text('')
    assert newest_checkpoint(tmp_path) == tmp_path / 'epoch_10.pth'
    (tmp_path / 'last_checkpoint').write_text(str(tmp_path / 'epoch_11.pth'))
    assert newest_checkpoint(tmp_path) == tmp_path / 'epoch_10.pth'


def test_a_file_damaged_inside_is_passed_over(tmp_path):
    save(tmp_path / 'epoch_1.pth', 1)
    torch.save(dict(state_dict=dict(weight=torch.zeros(1000))), tmp_path / 'epoch_2.pth')
    data = bytearray((tmp_path / 'epoch_2.pth').read_bytes())
    data[len(data) // 2] ^= 1
    (tmp_path / 'epoch_2.pth').write_bytes(data)
    (tmp_path / 'last_checkpoint').write_bytes(b'\xff' * 300)
    assert newest_checkpoint(tmp_path) == tmp_path / 'epoch_1.pth'


@pytest.mark.parametrize(
    'note', [b'', bytes(8), b'\xff\xfe', b'epoch_1\0.pth', b'a' * 5000, b'[' * 99]
)
def test_a_damaged_note_is_passed_over(tmp_path, note):
    save(tmp_path / 'epoch_1.pth', 1)
    (tmp_path / 'last_checkpoint').write_bytes(note)
    assert newest_checkpoint(tmp_path) == tmp_path / 'epoch_1.pth'
    assert RunFolder(tmp_path).checkpoint is None or len(note) > 50


def test_whatever_bytes_are_damaged_another_one_is_taken(tmp_path):
    save(tmp_path / 'epoch_1.pth', 1)
    save(tmp_path / 'epoch_2.pth', 2)
    (tmp_path / 'epoch_3.pth').symlink_to('nowhere')
    (tmp_path / 'last_checkpoint').write_text('epoch_2.pth')
    whole, chance, raised = (tmp_path / 'epoch_2.pth').read_bytes(), random.Random(0), set()
    for _ in range(300):
        data = bytearray(whole)
        start = chance.randrange(len(data))
        data[start : start + 64] = chance.randbytes(len(data[start : start + 64]))
        (tmp_path / 'epoch_2.pth').write_bytes(data)
        try:
            with zipfile.ZipFile(tmp_path / 'epoch_2.pth') as parts:
                parts.testzip()
        except Exception as error:  # of which kind, is what is counted
            raised.add(type(error))
        assert newest_checkpoint(tmp_path) in (tmp_path / 'epoch_1.pth', tmp_path / 'epoch_2.pth')
    assert len(raised) > 2  # or this shows nothing


def test_there_may_be_none(tmp_path):
    assert newest_checkpoint(tmp_path) is None
    assert newest_checkpoint(tmp_path / 'missing') is None
