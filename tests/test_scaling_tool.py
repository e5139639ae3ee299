"""tools/scale_network.py: what it prints is exact, and what it writes is trained as it stands."""

import pytest
from killing import ROOT
from mmengine.config import Config
from mmengine.registry import MODELS, DefaultScope

from regnet_plugin.models.module_complexity import OnMeta, count

TOOL = 'scale_network.py'


def test_a_published_network_to_flops(tmp_path, run_tool):
    done = run_tool(TOOL, 'regnety_4.0gf', '--type', 'd1_w8_g8_r1', '--flops', '16e9', cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    (path,) = (tmp_path / 'work_dirs/scaled_networks').glob('regnety_4.0gf-d1_w8_g8_r1-*gf.py')
    config = Config.fromfile(path)
    with DefaultScope.overwrite_default_scope('mmpretrain'), OnMeta():
        network = MODELS.build(config.model)
    sides = {step.crop_size for step in config.test_pipeline if step.type == 'CenterCrop'}
    assert sides == {config.train_pipeline[1].scale}
    counts = count(network, sides.pop())
    for number in (counts.flops, counts.parameters, counts.activations):
        assert f'{number:,}' in done.stdout
    assert counts.flops == pytest.approx(16e9, rel=0.02)
    again = run_tool(TOOL, 'regnety_4.0gf', '--type', 'dWr', '--factor', '4', '--out', path)
    assert again.returncode == 2 and '--overwrite is needed to replace a file' in again.stderr


def test_a_config_is_scaled_with_its_images_and_all_else_stays(tmp_path, run_tool):
    base = ROOT / 'configs/regnetx_6.5mf_digits.py'
    out = tmp_path / 'wide.py'
    done = run_tool(TOOL, base, '--type', 'r', '--factor', '4', '--out', out)
    assert done.returncode == 0, done.stderr
    before, after = Config.fromfile(base), Config.fromfile(out)
    assert after.train_dataloader.dataset.image_size == 64  # of 32
    assert tuple(after.model.backbone.widths) == (24, 56, 120, 272)
    assert after.optim_wrapper == before.optim_wrapper and after.model.head == before.model.head


def test_an_efficientnet_is_counted(run_tool):
    done = run_tool(TOOL, 'efficientnet_b0', '--type', 'dwr', '--factor', '4')
    assert done.returncode == 0 and '1,696,567,884' in done.stdout
    assert 'stem_width=40, head_width=1616' in done.stdout


def test_a_figure_of_what_each_type_costs(tmp_path, run_tool):
    done = run_tool(
        TOOL, 'regnety_4.0gf', '--factor', '4', '--figure', tmp_path / 'scaling.svg', cwd=tmp_path
    )
    assert done.returncode == 0, done.stderr
    drawn = (tmp_path / 'scaling.svg').read_text()
    assert all(f'>{kind}<' in drawn for kind in ('d', 'w', 'r', 'dwr', 'dWr'))
    assert [path.name for path in tmp_path.iterdir()] == ['scaling.svg']


@pytest.mark.parametrize(
    'arguments, message',
    [
        (['regnetq'], "there is no published RegNet called 'regnetq'"),
        (['regnetx_400mf', '--type', 'x'], 'a type of scaling must be letters of d, w, g and r'),
        (['regnetx_400mf', '--factor', '0'], 'a factor must be a positive number'),
        (['regnetx_400mf', '--resolution', '0'], '--resolution must be at least 1'),
        (['regnetx_400mf', '--out', 'x.txt'], '--out must be a file whose name ends in .py'),
        (['efficientnet_b0', '--out', 'x.py'], 'which is counted only'),
        (['regnetx_400mf', '--figure', 'x.txt'], '--figure must end in .png, .pdf, .svg, but'),
        (['regnetx_400mf', '--figure', 'x.svg', '--factor', '1'], 'for factors other than 1'),
        ([ROOT / 'configs', '--figure', 'x.svg'], 'report_population.py draws populations'),
        ([ROOT / 'configs/comparisons/resnet50_imagenet.py'], 'must have a backbone of regnet'),
    ],
)
def test_mistakes_are_one_line(run_tool, arguments, message):
    factor = [] if '--factor' in arguments else ['--factor', '2']
    done = run_tool(TOOL, *arguments, *factor)
    assert done.returncode == 2 and message in done.stderr.strip().splitlines()[-1]
