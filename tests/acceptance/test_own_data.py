"""Every command of docs/tutorials/own_data.md, in the order of the page.

Sets of real images are small, and trainings take one epoch.
"""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import cv2
import pytest
import torch
from class_folders import write_folders
from killing import ROOT

from regnet_plugin.datasets.digit_detection import annotation_file, make_digit_detection
from regnet_plugin.models import RegNet

PAGE = (ROOT / 'docs/tutorials/own_data.md').read_text()
CONFIGS = dict(zip(('pets.py', 'desk.py'), re.findall(r'```python\n(.*?)```', PAGE, re.DOTALL)))
LINES = '\n'.join(re.findall(r'```sh\n(.*?)```', PAGE, re.DOTALL)).splitlines()
COMMANDS = [
    re.sub(r'epoch_\d+', 'epoch_1', line.partition('  #')[0].strip()) for line in LINES if line
]
IMAGES = 12  # of each class
SHORTER = '\ntrain_cfg = dict(max_epochs=1)\n'
SMALLER = """
train_pipeline, test_pipeline = _base_.train_pipeline, _base_.test_pipeline
train_pipeline[2]['scale'] = test_pipeline[1]['scale'] = (160, 160)
train_dataloader['dataset']['pipeline'] = train_pipeline
val_dataloader['dataset']['pipeline'] = test_pipeline
train_dataloader['num_workers'] = val_dataloader['num_workers'] = 0
train_dataloader['persistent_workers'] = val_dataloader['persistent_workers'] = False
model['backbone'] = dict(init_cfg=dict(checkpoint='weights.pth'))
model['test_cfg'] = dict(rcnn=dict(score_thr=0.0))
"""


@pytest.fixture
def clone(tmp_path):
    """A folder with the tools and configs, as a clone; it runs a line of the page.

    What is returned is the line's output.
    """
    for name in ('tools', 'configs'):
        (tmp_path / name).symlink_to(ROOT / name)

    def run(command):
        environment = {
            **os.environ,
            'PATH': f'{Path(sys.executable).parent}:{os.environ["PATH"]}',
            'PYTHONPATH': f'{ROOT}:{os.environ.get("PYTHONPATH", "")}',
            'OMP_NUM_THREADS': '1',
        }
        done = subprocess.run(
            command,
            shell=True,
            cwd=tmp_path,
            env=environment,
            text=True,
            capture_output=True,
            timeout=1200,
        )
        assert done.returncode == 0, f'{command}\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}'
        return done.stdout

    return run


def is_painted(path):
    return cv2.imread(str(path)) is not None


def test_the_page_has_these_commands():
    """So that none is left out below."""
    assert [re.findall(r'pets_\w+|pets|desk', command)[0] for command in COMMANDS] == [
        *['pets'] * 6,
        *['desk'] * 4,
        'pets',
    ]
    assert {command.split()[0] for command in COMMANDS} == {
        'tools/train.py',
        'tools/test.py',
        'tools/predict.py',
        'mim',
    }


def test_photographs_in_folders(clone, tmp_path):
    names = ['cat', 'dog']
    write_folders(tmp_path / 'data/pets/train', names, images=IMAGES)
    write_folders(tmp_path / 'data/pets/val', names, images=IMAGES // 2, first=IMAGES)
    (tmp_path / 'photo.jpg').write_bytes((tmp_path / 'data/pets/val/dog/0.jpg').read_bytes())
    address = 'pycls://RegNetX-400MF'
    assert address in CONFIGS['pets.py']
    torch.save(dict(state_dict=RegNet('regnetx_400mf').state_dict()), tmp_path / 'weights.pth')
    (tmp_path / 'pets.py').write_text(CONFIGS['pets.py'].replace(address, 'weights.pth') + SHORTER)
    train, test, confusion, predict, predict_all, scratch = [
        command for command in COMMANDS if 'pets' in command and '--log-to' not in command
    ]
    assert 'accuracy/top1: ' in clone(train)
    accuracy = float(re.search('accuracy/top1: (.*)', clone(test).splitlines()[-1])[1])
    assert len(list(tmp_path.glob('work_dirs/pets/shown/*.png'))) == IMAGES
    clone(confusion)
    assert is_painted(tmp_path / 'work_dirs/pets/confusion.png')
    said = clone(predict)
    assert re.fullmatch(
        r'photo\.jpg: (cat|dog) [01]\.\d{3}, (cat|dog) [01]\.\d{3}', said.splitlines()[-1]
    )
    lines = [line for line in clone(predict_all).splitlines() if line.startswith('data/pets/val/')]
    assert len(lines) == len(list(tmp_path.glob('work_dirs/pets/predicted/*.png'))) == IMAGES
    right = sum(line.split('/')[3] == line.split(': ')[1].split()[0] for line in lines)
    assert right == round(accuracy / 100 * IMAGES)
    clone(scratch)
    assert (tmp_path / 'work_dirs/pets_scratch/epoch_1.pth').exists()


def test_boxes(clone, tmp_path):
    """The digits 0 and 1 on photographs, by other names."""
    make_digit_detection(tmp_path / 'digits', seed=0)
    (tmp_path / 'data/desk').mkdir(parents=True)
    names = dict(enumerate(('cup', 'pen')))
    for split in ('train', 'val'):
        content = json.loads((tmp_path / 'digits' / annotation_file(split)).read_text())
        content['categories'] = [dict(id=number, name=name) for number, name in names.items()]
        content['annotations'] = [
            one for one in content['annotations'] if one['category_id'] in names
        ]
        shown = sorted({one['image_id'] for one in content['annotations']})[:4]
        content['images'] = [one for one in content['images'] if one['id'] in shown]
        content['annotations'] = [one for one in content['annotations'] if one['image_id'] in shown]
        (tmp_path / f'data/desk/{split}.json').write_text(json.dumps(content))
        (tmp_path / 'data/desk' / split).symlink_to(tmp_path / 'digits' / split)
    image = content['images'][0]['file_name']
    (tmp_path / 'photo.jpg').write_bytes((tmp_path / 'data/desk/val' / image).read_bytes())
    torch.save(dict(state_dict=RegNet('regnetx_3.2gf').state_dict()), tmp_path / 'weights.pth')
    (tmp_path / 'desk.py').write_text(CONFIGS['desk.py'] + SMALLER + SHORTER)
    train, test, confusion, predict = [command for command in COMMANDS if 'desk' in command]
    clone(train)
    clone(test)
    clone(confusion)
    assert is_painted(tmp_path / 'work_dirs/desk/confusion_matrix.png')
    lines = clone(predict.replace('0.5', '0')).splitlines()
    assert re.fullmatch(r'photo\.jpg: (cup|pen) [01]\.\d{3} at -?\d+ -?\d+ \d+ \d+', lines[-1])
    assert is_painted(*tmp_path.glob('work_dirs/desk/predicted/*.png'))


def test_curves_in_tensorboard(clone, tmp_path):
    pytest.importorskip('tensorboard')
    write_folders(tmp_path / 'data/pets/train', ['cat', 'dog'])
    write_folders(tmp_path / 'data/pets/val', ['cat', 'dog'])
    (tmp_path / 'pets.py').write_text(CONFIGS['pets.py'] + SHORTER)
    (command,) = [command for command in COMMANDS if '--log-to' in command]
    clone(f'{command} --cfg-options model.backbone.init_cfg=None')
    (folder,) = tmp_path.glob('work_dirs/pets_watched/*/vis_data')
    assert (folder / 'scalars.json').read_text() and list(folder.glob('events.out.tfevents.*'))
    assert (folder.parent.parent / 'curves.png').exists()
