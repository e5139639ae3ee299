"""Starting a training as a user does, and killing it."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def ended(process):
    """End a process that was waited for in vain; return what it had said.

    It may have a group of its own.
    """
    if process.poll() is None:
        (os.killpg if os.getpgid(process.pid) == process.pid else os.kill)(
            process.pid, signal.SIGKILL
        )
    return process.communicate(timeout=60)[0]


def start_training(config, work_dir, *flags, options=()):
    """Start tools/train.py in a process group of its own; its output is one text stream."""
    command = [sys.executable, ROOT / 'tools/train.py', config, '--work-dir', work_dir, *flags]
    if options:
        command += ['--cfg-options', *options]
    return subprocess.Popen(
        list(map(str, command)),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )


def run_and_kill(config, work_dir, *flags, options=(), after, delay=0.3):
    """Start a training and kill -9 it some seconds after a file has appeared in the work dir."""
    process = start_training(config, work_dir, *flags, options=options)
    deadline = time.monotonic() + 200
    while not (work_dir / after).exists():
        assert process.poll() is None and time.monotonic() < deadline, ended(process)
        time.sleep(0.02)
    time.sleep(delay)
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
    assert process.returncode == -signal.SIGKILL


def kill_all(text):
    """Kill -9 every process whose command line holds the text.

    torchrun's ranks are in sessions of their own.
    """
    for folder in Path('/proc').glob('[0-9]*'):
        try:
            if int(folder.name) != os.getpid() and text in (folder / 'cmdline').read_bytes().decode(
                errors='ignore'
            ):
                os.kill(int(folder.name), signal.SIGKILL)
        except (FileNotFoundError, ProcessLookupError, PermissionError):
            continue
