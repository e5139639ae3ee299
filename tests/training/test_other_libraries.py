"""A RegNet within mmsegmentation, mmpose and mmyolo: the config of each guide trains.

Where a library is not installed its test is skipped; tests/acceptance/test_other_libraries.py
installs it first, as its guide says.
"""

import json
import re
from importlib.util import find_spec
from pathlib import Path

import pytest
from killing import ROOT
from mmengine.config import Config
from tiny_training import train_here

from regnet_plugin.cli.errors import UserError
from regnet_plugin.cli.guides import guide
from regnet_plugin.config_spaces.counting import count_network
from regnet_plugin.core.arch_argument import architecture_of
from regnet_plugin.core.complexity import complexity
from regnet_plugin.datasets import digit_detection
from regnet_plugin.training.checks.libraries import check_library
from regnet_plugin.weights.files import read_weights

CONFIGS = {
    'mmseg': 'segmentation/deeplabv3plus_regnetx_6.5mf-d8_digits.py',
    'mmpose': 'pose/td-hm_regnetx_6.5mf_digits.py',
    'mmyolo': 'yolo/yolov8_regnetx_6.5mf_digits.py',
}
METRICS = {'mmseg': 'mIoU', 'mmpose': 'PCK', 'mmyolo': 'coco/bbox_mAP_50'}


@pytest.mark.parametrize('library', CONFIGS)
def test_the_config_of_its_guide_trains(library, tmp_path, monkeypatch):
    if find_spec(library) is None:
        pytest.skip(f'{library} is not installed')
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(ROOT / 'examples')
    monkeypatch.setattr(digit_detection, '_IMAGES', dict(train=16, val=8))
    work_dir = train_here(
        ROOT / 'configs' / CONFIGS[library],
        tmp_path / 'run',
        'train_cfg.max_epochs=1',
        'train_cfg.val_interval=1',
        'param_scheduler=None',
        'train_dataloader.batch_size=8',
    )
    lines = next(work_dir.rglob('scalars.json')).read_text().splitlines()
    assert json.loads(lines[-1])[METRICS[library]] >= 0
    weights = read_weights(work_dir / 'epoch_1.pth')
    assert weights['backbone.layer4.0.conv2.weight'].shape[1] == 8  # a RegNet's group


@pytest.mark.parametrize('library, page', [('mmseg', 'segmentation'), ('mmpose', 'pose')])
def test_a_library_that_is_missing_is_said_with_its_guide(library, page, monkeypatch):
    monkeypatch.setattr('regnet_plugin.training.checks.libraries.find_spec', lambda name: None)
    with pytest.raises(UserError, match=f'is one of {library}, .*guide: docs/.*{page}.md'):
        check_library(dict(default_scope=library))


@pytest.mark.parametrize('library, page', zip(CONFIGS, ['segmentation', 'pose', 'yolo']))
def test_a_config_of_theirs_with_our_backbone_runs(library, page, tmp_path, monkeypatch):
    """The block of the guide that begins with a base of the library, on the meta device."""
    if find_spec(library) is None:
        pytest.skip(f'{library} is not installed')
    monkeypatch.syspath_prepend(ROOT / 'examples')
    (block,) = re.findall(
        r'^```python\n(_base_ = .*?)^```', (ROOT / guide(page)).read_text(), re.M | re.S
    )
    theirs = Path(find_spec(library).origin).parent / '.mim/configs'
    (tmp_path / 'theirs.py').write_text(block.replace(f'{library}::', f'{theirs}/'))
    config = Config.fromfile(tmp_path / 'theirs.py')
    assert config.default_scope == library
    counted = count_network(config, 256).complexity
    assert counted.parameters > complexity_of('regnety_1.6gf').parameters - 1000 * 889
    assert counted.flops > complexity_of('regnety_1.6gf').flops


def complexity_of(name):
    return complexity(architecture_of(name))
