"""The guides of other libraries, followed as they stand: install, then train the config.

What is installed goes into an environment of the test's own, which borrows the packages of this
one.
"""

import os
import re
import subprocess
import sys
import venv

import pytest
from documented import PAGES, commands
from killing import ROOT
from small_population import python_path

LIBRARIES = dict(segmentation='mIoU', pose='PCK', yolo='coco/bbox_mAP_50')


def python_beside(folder):
    """The interpreter of a new environment that has the packages of this one, too."""
    venv.create(folder, with_pip=False)
    (packages,) = folder.glob('lib/python3.*/site-packages')
    borrowed = [path for path in sys.path if path.endswith('site-packages')]
    (packages / 'borrowed.pth').write_text('\n'.join(borrowed))
    return folder / 'bin/python'


@pytest.mark.parametrize('name', LIBRARIES)
def test_a_guide_installs_and_trains(name, tmp_path):
    (page,) = (page for page in PAGES if page.name == f'{name}.md')
    python = python_beside(tmp_path / 'environment')
    environment = dict(os.environ, OMP_NUM_THREADS='1', PYTHONPATH=python_path(ROOT))
    (train,) = (command for command in commands(page) if 'tools/train.py configs' in command.text)
    for command in commands(page):
        if command.words[:2] == ['pip', 'install']:
            subprocess.run([python, '-m', *command.words], check=True, env=environment)
    if 'PYTHONPATH=examples' in train.text:
        environment['PYTHONPATH'] = python_path(ROOT / 'examples', ROOT)
    tool, config = train.words
    done = subprocess.run(
        [python, ROOT / tool, ROOT / config, '--cfg-options', 'train_cfg.max_epochs=2'],
        capture_output=True,
        text=True,
        env=environment,
        cwd=tmp_path,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert re.search(rf'^{LIBRARIES[name]}: [\d.]+ at the end', done.stdout, re.MULTILINE)
