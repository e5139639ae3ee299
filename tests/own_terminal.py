"""A terminal of a test's own, in which a command runs as before a person."""

import os
import pty
import subprocess
import sys
from pathlib import Path

from killing import ROOT


def in_terminal(command, cwd, stdin=None, **variables):
    """Run a command to its end in a terminal; return its exit code and what the terminal got.

    Args:
        command (list): program and arguments.
        cwd (Path): where it runs.
        stdin: its input. Default: the terminal.
        variables: of the environment.
    """
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        list(map(str, command)),
        cwd=cwd,
        stdin=theirs if stdin is None else stdin,
        stdout=theirs,
        stderr=theirs,
        env={**os.environ, 'OMP_NUM_THREADS': '1', 'COLUMNS': '', **variables},
    ) as process:
        os.close(theirs)
        shown = b''
        while part := _read(ours):
            shown += part
        code = process.wait(timeout=60)
    os.close(ours)
    return code, shown.decode().replace('\r\n', '\n')


def _read(terminal):
    """What comes next; nothing once all that wrote to it have ended, which Linux calls an error."""
    try:
        return os.read(terminal, 1 << 16)
    except OSError:
        return b''


def tool(name, *arguments, tools=ROOT / 'tools'):
    """The command of a tool, with this Python."""
    return [sys.executable, Path(tools, name), *arguments]
