"""The scripts of examples/ run as they stand, and print what they are about."""

import subprocess
import sys

import pytest
from killing import ROOT

SAID = {
    'detector_with_a_network_of_your_own.py': 'boxes of shape',
    'space_of_your_own.py': 'of the candidates were accepted',
    'table_of_your_own.py': 'better: after',
}


# No script, but imported by a config: acceptance/test_other_libraries.py
IMPORTED = {'mmyolo_beside_newer_mmcv.py'}


def test_each_example_is_run():
    assert {path.name for path in (ROOT / 'examples').glob('*.py')} == SAID.keys() | IMPORTED


@pytest.mark.parametrize('name', SAID)
def test_it_runs(name, tmp_path):
    done = subprocess.run(
        [sys.executable, str(ROOT / 'examples' / name)],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    assert SAID[name] in done.stdout
