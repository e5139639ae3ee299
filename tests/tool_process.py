"""Tools in processes that are forked from one which has imported what takes seconds to import."""

import atexit
import os
import random
import runpy
import subprocess
import sys
import tempfile
from multiprocessing import get_context, set_start_method
from pathlib import Path

import numpy as np

# Nothing of this package: which of its own modules a tool imports is what tests are about.
PRELOADED = [
    'torch',
    'torchvision',
    'mmengine.runner',
    'mmpretrain.datasets',
    'mmpretrain.engine',
    'mmpretrain.evaluation',
    'mmpretrain.models',
    'mmpretrain.structures',
    'mmpretrain.visualization',
    'matplotlib.figure',
    'scipy.stats',
]
_context = get_context('forkserver')
_context.set_forkserver_preload(PRELOADED)


def run(tool, arguments, cwd, timeout):
    """Run a tool as ``python tool arguments`` does, without the seconds of the imports.

    Returns:
        subprocess.CompletedProcess: with its output as text.
    """
    command = [str(tool), *arguments]
    with tempfile.TemporaryDirectory() as folder:
        output, errors = Path(folder, 'stdout'), Path(folder, 'stderr')
        process = _context.Process(
            target=_main, args=(command, str(cwd), dict(os.environ), str(output), str(errors))
        )
        process.start()
        process.join(timeout)
        if process.is_alive():
            process.kill()
            process.join()
            raise subprocess.TimeoutExpired(
                command, timeout, output.read_bytes(), errors.read_bytes()
            )
        return subprocess.CompletedProcess(
            command, process.exitcode, output.read_text(), errors.read_text()
        )


def _main(command, cwd, environment, output, errors):
    os.chdir(cwd)
    os.environ.clear()
    os.environ.update(environment)
    for descriptor, path in ((1, output), (2, errors)):
        file = os.open(path, os.O_WRONLY | os.O_CREAT)
        os.dup2(file, descriptor)
        os.close(file)
    sys.stdout = open(1, 'w', closefd=False)
    sys.stderr = open(2, 'w', closefd=False, buffering=1, errors='backslashreplace')
    set_start_method(None, force=True)  # as in a process of its own
    random.seed()  # all children would draw the same
    np.random.seed()
    sys.argv = command
    sys.path.insert(0, str(Path(command[0]).parent))
    try:
        runpy.run_path(command[0], run_name='__main__')
    finally:
        atexit._run_exitfuncs()  # children of multiprocessing leave them out
        sys.stdout.flush()
