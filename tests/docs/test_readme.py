"""README.md and README_zh-CN.md: their code is one, it runs, and what is said of others is so."""

import inspect
import re

import pytest
from killing import ROOT

README = (ROOT / 'README.md').read_text()
BLOCKS = re.findall(r'```(?:python|sh)\n(.*?)```', README, re.DOTALL)


def test_both_pages_have_the_same_code():
    """But for comments, which are in each page's language."""
    chinese = (ROOT / 'README_zh-CN.md').read_text()
    others = re.findall(r'```(?:python|sh)\n(.*?)```', chinese, re.DOTALL)
    assert [without_comments(block) for block in others] == [
        without_comments(block) for block in BLOCKS
    ]


def without_comments(block):
    return re.sub(r' *#.*', '', block)


def test_it_is_about_a_screen():
    assert len(README.splitlines()) <= 100 and len(BLOCKS) == 4  # two commands, three uses


def test_the_space_of_the_page_is_sampled(tmp_path, run_tool):
    (block,) = (block for block in BLOCKS if 'ConfigSpace' in block)
    (tmp_path / 'configs').symlink_to(ROOT / 'configs')
    (tmp_path / 'my_space.py').write_text(block)
    done = run_tool('sample_population.py', 'my_space.py', '--size', '4', cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert len((tmp_path / 'work_dirs/my_space/architectures.jsonl').read_text().splitlines()) == 4


def row(begin):
    """Cells of the table of others, from here to mmdet."""
    (line,) = (line for line in README.splitlines() if line.startswith(f'| {begin}'))
    return [cell.strip() for cell in line.strip('|').split('|')][1:]


SIZES = ['200mf', '400mf', '600mf', '800mf', *(f'{size}gf' for size in ('1.6', '3.2', '4.0'))] + [
    *(f'{size}gf' for size in ('6.4', '8.0', '12', '16', '32'))
]


def counts(names):
    """How many of the twelve X and of the twelve Y there are among names as the paper has them."""
    return ', '.join(str(sum(f'regnet{kind}_{size}' in names for size in SIZES)) for kind in 'xy')


def test_networks_of_others_are_counted():
    timm = pytest.importorskip('timm')
    from mmdet.models.backbones.regnet import RegNet as OfMmdet
    from mmpretrain.models import RegNet as OfMmpretrain
    from torchvision.models import list_models

    from regnet_plugin.core.published import PUBLISHED

    of_timm = {
        f'regnet{kind}_{size}'
        for kind in 'xy'
        for size in SIZES
        if f'regnet{kind}_{hundreds(size):03d}' in timm.list_models('regnet*')
    }
    of_torchvision = {
        re.sub(r'regnet_([xy])_(\d+)(?:_(\d))?([mg]f)', spelt_as_the_paper, name)
        for name in list_models()
        if name.startswith('regnet')
    }
    assert row('RegNetX and Y of the paper') == [
        counts(PUBLISHED),
        '12, 12',
        counts(of_timm),
        counts(of_torchvision),
        counts(OfMmpretrain.arch_settings),
        counts(OfMmdet.arch_settings),
    ]
    for of_others in (OfMmpretrain, OfMmdet):
        assert 'frozen_stages' in inspect.signature(of_others.__init__).parameters


def hundreds(size):
    """A size in units of 100 million multiply-adds, as timm has it in names."""
    number, unit = float(size[:-2]), size[-2:]
    return round(number / 100 if unit == 'mf' else number * 10)


def spelt_as_the_paper(found):
    kind, whole, part, unit = found.groups()
    number = whole if unit == 'mf' else f'{whole}.{part or 0}' if int(whole) < 10 else whole
    return f'regnet{kind}_{number}{unit}'


def test_what_others_take_of_networks():
    """RegNets of parameters, and stages one by one."""
    from timm.models.regnet import RegNet, RegNetCfg
    from torchvision.models.regnet import BlockParams

    assert 'w_0' in inspect.signature(BlockParams.from_init_params).parameters
    assert 'widths' in inspect.signature(BlockParams.__init__).parameters
    with pytest.raises(AssertionError):  # four stages only
        RegNet(RegNetCfg(depth=4, w0=24, wa=8, wm=2.5, group_size=8))
    assert row('RegNets from parameters')[:4] == ['yes', 'yes', 'four stages', 'yes']
    assert row('stages one by one')[:4] == ['yes', 'yes', 'no', 'yes']
