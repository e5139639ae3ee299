"""A worker on a machine of a cluster; with Ray and Slurm themselves in test_ray and test_slurm."""

import os
import sys
from importlib import import_module

from regnet_plugin.launchers.cluster import find_modules


def test_modules_on_the_launchers_pythonpath_can_be_imported(tmp_path, monkeypatch):
    """The process of a worker was started before, by `ray start`, with another PYTHONPATH."""
    before = list(sys.path)
    monkeypatch.setattr(sys, 'path', list(before))
    (tmp_path / 'module_that_is_mine.py').write_text('ANSWER = 42')
    find_modules(os.pathsep.join([str(tmp_path), '', before[-1]]))
    assert import_module('module_that_is_mine').ANSWER == 42
    assert sys.path == [*before, str(tmp_path)]  # neither twice nor the working directory
