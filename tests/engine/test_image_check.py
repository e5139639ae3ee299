"""The tools warn of images that weights were not trained on; which ones, tests/configs/test_preprocessors.py shows."""
import pytest
import torch
from every_config import build, load
from killing import ROOT
from tiny_imagenet import CLASSES, SIDE

from regnet_plugin.weights.layouts import convert

CONFIG = ROOT / 'configs/regnetx_200mf_imagenet.py'


@pytest.mark.parametrize('options, times', [((), 0), (('data_preprocessor.to_rgb=False', ), 1)])
def test_the_authors_network_by_name_and_a_line_on_images(tiny_imagenet, tmp_path, monkeypatch, run_tool, options, times):
    folder = tmp_path / 'hub/checkpoints'  # where it would be after the download
    folder.mkdir(parents=True)
    weights = convert(build(load('regnetx_200mf_imagenet')).state_dict(), 'ours', 'pycls')
    torch.save(dict(model_state=weights), folder / 'RegNetX-200MF_dds_8gpu.pyth')
    monkeypatch.setenv('TORCH_HOME', str(tmp_path))
    dataset = (f'data_root={tiny_imagenet[0]}', f'metainfo.classes={CLASSES}', f'pipeline.1.scale={SIDE}',
               f'pipeline.2.crop_size={SIDE}')
    done = run_tool('test.py', CONFIG, 'pycls://RegNetX-200MF', '--cfg-options', 'test_dataloader.num_workers=0', *options,
                    *(f'test_dataloader.dataset.{option}' for option in dataset))
    assert done.returncode == 0 and 'accuracy/top1' in done.stdout, done.stderr
    said = 'pycls://RegNetX-200MF was trained on RGB images with mean [123.675, 116.28, 103.53]'
    assert (done.stdout + done.stderr).count(said) == times
