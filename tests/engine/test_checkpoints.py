import os

import torch

from regnet_plugin.engine.checkpoints import newest_checkpoint


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
    (tmp_path / 'epoch_11.pth').write_bytes(whole[:len(whole) // 2])
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


def test_there_may_be_none(tmp_path):
    assert newest_checkpoint(tmp_path) is None
    assert newest_checkpoint(tmp_path / 'missing') is None
