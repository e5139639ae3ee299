"""Downloads that are interrupted, refused, done at once by several, or have no room.

A file is whole, or not there.
"""

import hashlib
import time

import pytest
import torch
from broken_weights import PAGE
from downloading import start_reading

from regnet_plugin.weights import download
from regnet_plugin.weights.addresses import read_checkpoint

SIZE = 2**20  # numbers in the file


@pytest.fixture
def address(server):
    """Of a file that takes several reads."""
    torch.save(dict(x=torch.randn(SIZE), y=torch.ones(1)), server.folder / 'net.pth')
    return f'{server.address}/net.pth'


def wait_until(condition):
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def begun(kept, tmp_path):
    """Whether a part of a file is there."""
    return lambda: any(
        (tmp_path / 'hub/checkpoints' / name).stat().st_size for name in kept() if '.part-' in name
    )


def test_a_killed_download_is_done_again_and_leaves_nothing(server, address, kept, tmp_path):
    server.gate.clear()
    process, _ = start_reading(address, tmp_path)
    wait_until(begun(kept, tmp_path))
    process.kill()
    process.join()
    (part,) = kept()
    assert part.startswith('.part-') and process.exitcode < 0
    server.gate.set()
    assert len(read_checkpoint(address)) == 2
    name = part[len('.part-') + 33 :]
    assert name.endswith('-net.pth') and kept() == [name] and len(server.asked) == 2
    read_checkpoint(address)
    assert len(server.asked) == 2


def test_of_two_processes_one_downloads(server, address, kept, tmp_path):
    server.gate.clear()
    results = [start_reading(address, tmp_path) for _ in range(2)]
    wait_until(begun(kept, tmp_path))
    time.sleep(0.5)  # for the other one to come
    server.gate.set()
    assert [receive() for _, receive in results] == [2, 2]
    assert len(server.asked) == 1 and len(kept()) == 1


def test_who_waits_for_a_killed_one_downloads(server, address, kept, tmp_path):
    server.gate.clear()
    first, _ = start_reading(address, tmp_path)
    wait_until(begun(kept, tmp_path))
    second, receive = start_reading(address, tmp_path)
    first.kill()
    wait_until(lambda: len(server.asked) == 2)
    server.gate.set()
    assert receive() == 2 and len(kept()) == 1
    second.join()


@pytest.mark.parametrize(
    'path, message',
    [
        ('half/net.pth', r'the connection ended after [\d,]+ of [\d,]+ bytes'),
        ('chunks/net.pth', 'IncompleteRead'),
        ('unsaid/net.pth', 'what came is no checkpoint, or was cut off'),
        ('unsaid/net.pyth', 'or was cut off'),
        ('page.pth', 'what came must be a checkpoint, but it is a page of HTML: .*Not Found'),
        ('empty.pth', 'what came must be a checkpoint, but it has 0 bytes'),
        ('gone.pth', 'HTTP Error 404: Not Found'),
        ('status/403', 'HTTP Error 403: Forbidden'),
        ('status/401', 'HTTP Error 401'),
        ('status/500', 'HTTP Error 500'),
        ('loop/net.pth', 'HTTP Error 302: .* infinite loop'),
        ('silent/net.pth', 'timed out'),
    ],
)
def test_what_is_not_had_is_not_kept(server, address, kept, monkeypatch, path, message):
    monkeypatch.setattr(download, '_TIMEOUT', 0.3)
    (server.folder / 'page.pth').write_text(PAGE)
    (server.folder / 'empty.pth').touch()
    torch.save(
        dict(x=torch.randn(SIZE)), server.folder / 'net.pyth', _use_new_zipfile_serialization=False
    )
    with pytest.raises(ValueError, match=message) as caught:
        read_checkpoint(f'{server.address}/{path}')
    assert '\n' not in str(
        caught.value
    ) and f'{server.address}/{path} cannot be downloaded: ' in str(caught.value)
    assert kept() == []


def test_a_file_that_has_moved(server, address):
    assert len(read_checkpoint(f'{server.address}/moved/net.pth')) == 2


def test_a_proxy_is_asked(server, address, monkeypatch):
    monkeypatch.setattr('urllib.request._opener', None)  # made anew, of the variables
    monkeypatch.delenv('no_proxy')
    monkeypatch.setenv('http_proxy', 'http://127.0.0.1:9')
    with pytest.raises(ValueError, match='refused'):
        read_checkpoint(address)
    monkeypatch.setattr('urllib.request._opener', None)
    # is asked for whole addresses, and has no such file
    monkeypatch.setenv('http_proxy', server.address)
    with pytest.raises(ValueError, match='HTTP Error 404'):
        read_checkpoint('http://elsewhere.invalid/net.pth')
    assert server.asked == ['http://elsewhere.invalid/net.pth']


def test_no_host_of_that_name(server, monkeypatch):
    with pytest.raises(
        ValueError, match='http://elsewhere.invalid/net.pth cannot be downloaded: .*[Nn]ame'
    ):
        read_checkpoint('http://elsewhere.invalid/net.pth')


def test_no_room(server, address, kept, small_files):
    with (
        small_files(2**16),
        pytest.raises(ValueError, match='cannot be downloaded: .*File too large'),
    ):
        read_checkpoint(address)
    assert kept() == []
    assert len(read_checkpoint(address)) == 2


@pytest.mark.parametrize(
    'hub, message', [('file', 'Not a directory'), ('/proc/hub', 'No such file|denied')]
)
def test_a_folder_that_takes_nothing(server, address, monkeypatch, tmp_path, hub, message):
    (tmp_path / 'file').touch()
    monkeypatch.setenv('TORCH_HOME', str(tmp_path / hub))
    with pytest.raises(ValueError, match=f'cannot be downloaded: .*({message})'):
        read_checkpoint(address)


def test_what_is_kept_is_read_without_writing(server, address, tmp_path, monkeypatch):
    read_checkpoint(address)

    def refuse(*_, **__):
        raise OSError(30, 'Read-only file system')

    for name in ('mkdir', 'replace', 'unlink', 'open'):
        monkeypatch.setattr(f'os.{name}', refuse)
    assert len(read_checkpoint(address)) == 2


def test_a_hash_in_the_name_is_that_of_the_file(server, address, kept, tmp_path):
    content = (server.folder / 'net.pth').read_bytes()
    digest = hashlib.sha256(content).hexdigest()
    for name in (
        f'net-{digest[:8]}.pth',
        f'net_20211213-{digest}.pth',
        'net-20211213.pth',
        'net-abc.pth',
    ):
        (server.folder / name).write_bytes(content)
        assert len(read_checkpoint(f'{server.address}/{name}')) == 2
    (server.folder / 'net-0123abcd.pth').write_bytes(content)
    with pytest.raises(
        ValueError, match=f'must have the SHA-256 0123abcd… of its name, but it has {digest}'
    ):
        read_checkpoint(f'{server.address}/net-0123abcd.pth')
    assert len(kept()) == 4


def test_a_link_where_a_part_of_a_file_was_foreseen_is_not_written_through(
    server, address, kept, tmp_path
):
    read_checkpoint(address)
    (name,) = kept()
    folder = tmp_path / 'hub/checkpoints'
    (folder / name).unlink()
    (tmp_path / 'mine').write_text('mine')
    for part in (f'.part-{name}', f'.{name}.part', f'.part-{"0" * 32}-{name}'):
        (folder / part).symlink_to(tmp_path / 'mine')
    assert len(read_checkpoint(address)) == 2 and (tmp_path / 'mine').read_text() == 'mine'
    assert (folder / name).stat().st_size > SIZE and not (folder / name).is_symlink()
