"""Files and folders appear all at once or not at all; locks are held by one process at a time."""

import multiprocessing
import os
import signal
import time

import pytest

from regnet_plugin.files import (
    alone_at,
    create,
    locked,
    remove_unfinished,
    replace,
    unfinished,
    unfinished_folder,
)

FORK = multiprocessing.get_context('fork')


def test_a_file_that_is_not_finished_leaves_the_one_before(tmp_path):
    path = tmp_path / 'table.csv'
    replace(path, 'whole')
    with pytest.raises(ZeroDivisionError), unfinished(path) as part:
        part.write_text('half of it')
        assert part.suffix == '.csv' and path.read_text() == 'whole'
        raise ZeroDivisionError
    assert [one.name for one in tmp_path.iterdir()] == ['table.csv'] and path.read_text() == 'whole'
    assert not create(path, 'another one') and path.read_text() == 'whole'


def test_a_folder_appears_with_all_that_is_in_it(tmp_path):
    path = tmp_path / 'data'
    path.mkdir()  # an empty one is replaced
    with unfinished_folder(path) as part:
        (part / 'one').write_text('1')
        assert not list(path.iterdir())
    with pytest.raises(ZeroDivisionError), unfinished_folder(tmp_path / 'more'):
        raise ZeroDivisionError
    assert [one.name for one in tmp_path.iterdir()] == ['data']
    assert (path / 'one').read_text() == '1'


def test_errors_name_the_path_that_was_asked_for(tmp_path):
    for write in (replace, create):
        with pytest.raises(FileNotFoundError) as caught:
            write(tmp_path / 'none/file', 'text')
        assert caught.value.filename == str(tmp_path / 'none/file')
    (tmp_path / 'folder').mkdir()
    with pytest.raises(IsADirectoryError) as caught:
        replace(tmp_path / 'folder', 'text')
    assert caught.value.filename == str(tmp_path / 'folder') and caught.value.filename2 is None
    assert [one.name for one in tmp_path.iterdir()] == ['folder']


def test_what_killed_processes_left_is_removed_but_no_link_and_nothing_of_others(tmp_path):
    left = f'.part-{"0" * 32}-net.pth'
    (tmp_path / left).mkdir()
    (tmp_path / left / 'half').write_text('of it')
    (tmp_path / left.replace('0', '1')).write_text('half of it')
    mine = tmp_path / 'mine'
    mine.mkdir()
    kept = {mine, tmp_path / left.replace('0', '2'), tmp_path / f'{left}2'}
    (tmp_path / left.replace('0', '2')).symlink_to(mine)
    (tmp_path / f'{left}2').write_text('of another file')
    remove_unfinished(tmp_path / 'net.pth')
    assert set(tmp_path.iterdir()) == kept


def hold(lock, path, seconds):
    with lock(path):
        path.with_name('held').touch()
        time.sleep(seconds)


def held(lock, path, seconds):
    """A process that has a lock, for some seconds."""
    process = FORK.Process(target=hold, args=(lock, path, seconds))
    process.start()
    deadline = time.monotonic() + 60
    while not path.with_name('held').exists():
        assert process.is_alive() and time.monotonic() < deadline
        time.sleep(0.01)
    return process


def test_a_lock_is_waited_for_which_is_said_once(tmp_path):
    said = []
    with locked(tmp_path / 'lock', lambda: said.append('waiting')):
        assert said == []
    process = held(locked, tmp_path / 'lock', 0.5)
    with locked(tmp_path / 'lock', lambda: said.append('waiting')):
        assert said == ['waiting']
    process.join()
    assert process.exitcode == 0


@pytest.mark.parametrize('lock', [locked, alone_at])
def test_a_lock_ends_with_its_process(tmp_path, lock):
    process = held(lock, tmp_path / 'lock', 3600)
    with pytest.raises(BlockingIOError):
        with alone_at(tmp_path / 'lock'):
            pass
    os.kill(process.pid, signal.SIGKILL)
    process.join()
    with lock(tmp_path / 'lock'):
        pass
