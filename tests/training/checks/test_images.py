"""The tools warn of images that weights were not trained on.

Which ones, tests/configs/test_preprocessors.py shows.
"""

import pytest
import torch
from every_config import build, load
from killing import ROOT
from tiny_imagenet import CLASSES, SIDE

from regnet_plugin.weights.conversion import convert

CONFIG = ROOT / 'configs/regnetx_200mf_imagenet.py'
ADDRESS, FILE = 'pycls://RegNetX-200MF', 'RegNetX-200MF_dds_8gpu.pyth'
SAID = f'{CONFIG}: {ADDRESS} wants RGB images with mean [123.675, 116.28, 103.53]'


@pytest.fixture
def downloaded(tmp_path, monkeypatch):
    """The folder where files are after a download."""
    folder = tmp_path / 'hub/checkpoints'
    folder.mkdir(parents=True)
    monkeypatch.setenv('TORCH_HOME', str(tmp_path))
    return folder


def loader(name, images, *options):
    dataset = (f'data_root={images}', f'metainfo.classes={CLASSES}', *options)
    return [f'{name}.num_workers=0', *(f'{name}.dataset.{option}' for option in dataset)]


def test_a_test_of_the_authors_network_by_its_name(tiny_imagenet, downloaded, run_tool):
    weights = convert(build(load('regnetx_200mf_imagenet')).state_dict(), 'ours', 'pycls')
    torch.save(dict(model_state=weights), downloaded / FILE)
    images = loader(
        'test_dataloader',
        tiny_imagenet[0],
        f'pipeline.1.scale={SIDE}',
        f'pipeline.2.crop_size={SIDE}',
    )
    done = run_tool(
        'test.py', CONFIG, ADDRESS, '--cfg-options', 'data_preprocessor.to_rgb=False', *images
    )
    assert done.returncode == 0 and 'accuracy/top1' in done.stdout, done.stderr
    assert (done.stdout + done.stderr).count(SAID) == 1


def test_a_training_says_so_before_it_loads(tiny_imagenet, downloaded, run_tool):
    (downloaded / FILE).write_bytes(b'')
    images = [
        'train_dataloader.batch_size=32',
        *loader('train_dataloader', tiny_imagenet[0]),
        *loader('val_dataloader', tiny_imagenet[0]),
    ]
    done = run_tool(
        'train.py',
        CONFIG,
        '--cfg-options',
        f'load_from={ADDRESS}',
        'data_preprocessor.to_rgb=False',
        *images,
    )
    assert done.returncode == 2 and 'it has 0 bytes' in done.stderr
    assert (done.stdout + done.stderr).count(SAID) == 1
