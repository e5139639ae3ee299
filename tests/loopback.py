"""A server of this machine that stands for any other, and fails in the ways that servers fail."""

import http.server
import os
import threading
import time
import urllib.request
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import unquote, urlsplit

from small_population import python_path

_CUT = ('half', 'chunks', 'unsaid')


class _Handler(http.server.BaseHTTPRequestHandler):
    """Serves ``/<path>`` in a folder, its second half once the server's gate is open, and faults:

    ``/half/<path>`` half of the file, though all of its length is announced; ``/chunks/<path>``
    half of it in pieces; ``/unsaid/<path>`` half of it and no length; ``/loop/…`` redirects to
    itself; ``/moved/<path>`` to the file; ``/status/<code>`` an error; ``/silent/…`` nothing, for
    two seconds.
    """

    def log_message(self, *_):
        pass

    def do_GET(self):
        self.server.asked.append(self.path)
        fault, _, rest = self.path[1:].partition('/')
        if fault in ('loop', 'moved'):
            return self._redirect(self.path if fault == 'loop' else f'/{rest}')
        if fault == 'status':
            return self.send_error(int(rest))
        if fault == 'silent':
            return time.sleep(2)
        path = self.server.folder / unquote(urlsplit(rest if fault in _CUT else self.path[1:]).path)
        if not path.is_file():
            return self.send_error(404)
        return self._send(path.read_bytes(), fault)

    def _redirect(self, path):
        self.send_response(302)
        self.send_header('Location', path)
        self.end_headers()

    def _send(self, data, fault):
        first, second = data[: len(data) // 2], data[len(data) // 2 :]
        self.send_response(200)
        if fault == 'chunks':
            self.send_header('Transfer-Encoding', 'chunked')
        elif fault != 'unsaid':
            self.send_header('Content-Length', str(len(data)))
        self.end_headers()
        self.wfile.write(b'%x\r\n%b\r\n' % (len(first), first) if fault == 'chunks' else first)
        self.wfile.flush()
        if fault not in _CUT and self.server.gate.wait(200):
            self.wfile.write(second)


class _Server(http.server.ThreadingHTTPServer):
    """Has the ``folder`` that is served, its ``address`` and the ``gate``.

    The paths that were ``asked`` for are noted.
    """

    daemon_threads = True

    def __init__(self, folder):
        super().__init__(('127.0.0.1', 0), _Handler)
        self.folder, self.address, self.asked = (
            Path(folder),
            f'http://127.0.0.1:{self.server_port}',
            [],
        )
        self.gate = threading.Event()
        self.gate.set()

    def handle_error(self, request, client_address):
        """A client that was killed is no news."""


@contextmanager
def serving(folder):
    """Serve a folder.

    What can be asked for, `_Handler` says; what is known of it, `_Server`.
    """
    with _Server(folder) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield server
        server.gate.set()
        server.shutdown()


class _Here(urllib.request.HTTPSHandler):
    def __init__(self, address):
        super().__init__()
        self.address = address

    def https_open(self, request):
        here = f'{self.address}/{request.full_url.removeprefix("https://")}'
        return self.parent.open(here, timeout=request.timeout)


def opener_to(address):
    """An opener for which the server stands for all hosts of https, a folder for each."""
    return urllib.request.build_opener(urllib.request.ProxyHandler({}), _Here(address))


def environment_of(server, home, **variables):
    """The environment of a process that finds all hosts here.

    It keeps what it downloads in a folder's ``hub``.
    """
    tests = Path(__file__).parent
    return dict(
        os.environ,
        PYTHONPATH=python_path(tests / 'loopback_hosts', tests),
        LOOPBACK=server.address,
        TORCH_HOME=str(home),
        no_proxy='127.0.0.1',
        OMP_NUM_THREADS='1',
        **variables,
    )


def without_hashes(monkeypatch):
    """Let files have names of published ones, whose hashes they cannot have."""
    from regnet_plugin.weights import download

    monkeypatch.setattr(download, 'hash_in', lambda name: '')


@contextmanager
def all_hosts(folder, monkeypatch):
    """A server of ``folder / 'served'`` that stands for all hosts.

    PyTorch's folder is ``folder / 'hub'``.
    """
    monkeypatch.setenv('TORCH_HOME', str(folder))
    monkeypatch.setenv('no_proxy', '127.0.0.1')
    (folder / 'served').mkdir()
    with serving(folder / 'served') as server:
        monkeypatch.setattr(urllib.request, '_opener', opener_to(server.address))
        yield server
