from types import SimpleNamespace

import pytest
import torch
from mmengine.config import Config
from mmengine.registry import MODELS, DefaultScope

from regnet_plugin.cli.errors import UserError
from regnet_plugin.training.checks.widths import channels_explained, check_widths

DETECTOR = """
_base_ = 'mmdet::retinanet/retinanet_r50_fpn_1x_coco.py'
model = dict(backbone=dict(_delete_=True, type='regnet_plugin.RegNet', arch='regnetx_200mf',
                           out_indices={indices}),
             neck=dict(in_channels={widths}, num_outs=5, start_level=0))
"""


@pytest.mark.parametrize(
    'indices, widths, message',
    [
        ((0, 1, 2, 3), [24, 56, 152, 368], None),
        ((1, 2, 3), [56, 152, 368], None),
        (
            (0, 1, 2, 3),
            [24, 56, 152, 384],
            r'must be the widths of the backbone\'s outputs, \[24, 56, 152, 368\], but it is '
            r'\[24, 56, 152, 384\]',
        ),
    ],
)
def test_a_necks_widths(tmp_path, indices, widths, message):
    (tmp_path / 'c.py').write_text(DETECTOR.format(indices=indices, widths=widths))
    config = Config.fromfile(tmp_path / 'c.py')
    with DefaultScope.overwrite_default_scope('mmdet'):
        model = MODELS.build(config.model)
    if message is None:
        check_widths(model, 'c.py')
    else:
        with pytest.raises(UserError, match=message):
            check_widths(model, 'c.py')


NECKS = {
    'FPN': dict(type='FPN', num_outs=5),
    'PAFPN': dict(type='PAFPN', num_outs=5),
    'NASFPN': dict(type='NASFPN', num_outs=5, stack_times=1),
    'ChannelMapper': dict(type='ChannelMapper', num_outs=5),
    'YOLOXPAFPN': dict(type='YOLOXPAFPN'),
    'CSPNeXtPAFPN': dict(type='CSPNeXtPAFPN', num_csp_blocks=1),
}
DYHEAD = dict(type='DyHead', in_channels=16, out_channels=16, num_blocks=1)


@pytest.fixture(scope='module')
def backbones():
    """Two, by their widths."""
    with torch.device('meta'):
        built = [
            MODELS.build(
                dict(type='regnet_plugin.RegNet', arch='regnetx_200mf', out_indices=indices)
            )
            for indices in ((0, 1, 2, 3), (1, 2, 3))
        ]
    return {backbone.out_channels: backbone for backbone in built}


@pytest.mark.parametrize(
    'name, more', [*((name, []) for name in NECKS), ('FPN', [DYHEAD]), ('ChannelMapper', [DYHEAD])]
)
def test_necks_of_mmdet_and_subsets_of_the_stages(backbones, name, more):
    import mmdet.models  # noqa: F401 - registers the necks

    assert sorted(backbones) == [(24, 56, 152, 368), (56, 152, 368)]
    for taken in ([24, 56, 152, 368], [56, 152, 368], [56, 152, 384]):
        neck = dict(NECKS[name], in_channels=taken, out_channels=16)
        with DefaultScope.overwrite_default_scope('mmdet'), torch.device('meta'):
            neck = MODELS.build([neck, *more] if more else neck)
        for widths, backbone in backbones.items():
            model = SimpleNamespace(backbone=backbone, neck=neck)
            if taken == list(widths):
                check_widths(model, 'c.py')
                continue
            with pytest.raises(UserError) as error:
                check_widths(model, 'c.py')
            assert str(error.value) == (
                "c.py: model.neck.in_channels must be the widths of the backbone's outputs, "
                f'{list(widths)}, but it is {taken}'
            )


@pytest.mark.parametrize(
    'part, key',
    [('student', 'model.detector'), ('detector', 'model.detector'), ('module', 'model')],
)
def test_a_detector_in_a_semi_supervised_a_tracking_or_a_tta_model(backbones, part, key):
    neck = SimpleNamespace(in_channels=[24, 56, 152, 384])
    model = SimpleNamespace(
        **{part: SimpleNamespace(backbone=backbones[24, 56, 152, 368], neck=neck)}
    )
    with pytest.raises(UserError, match=f'^c.py: {key}.neck.in_channels must be the widths'):
        check_widths(model, 'c.py')
    neck.in_channels[-1] = 368
    check_widths(model, 'c.py')


def test_other_models_are_left_alone():
    check_widths(torch.nn.Linear(1, 1), 'c.py')


def encoded(in_channels):
    """A network and YOLOF's neck."""
    import mmdet.models  # noqa: F401 - registers the necks

    with DefaultScope.overwrite_default_scope('mmdet'):
        neck = MODELS.build(
            dict(
                type='DilatedEncoder',
                in_channels=in_channels,
                out_channels=16,
                block_mid_channels=8,
                num_residual_blocks=1,
                block_dilations=[2],
            )
        )
    backbone = MODELS.build(dict(type='regnet_plugin.RegNet', arch='regnetx_200mf'))
    return torch.nn.ModuleDict(dict(backbone=backbone, neck=neck))


def test_what_only_the_first_batch_tells_names_the_layer():
    model, fitting, images = encoded(384), encoded(368), torch.zeros(2, 3, 64, 64)
    # as DistributedDataParallel has it
    for running in (model, torch.nn.ModuleDict(dict(module=model))):
        with pytest.raises(UserError) as error, channels_explained(running, 'c.py'):
            model['neck'](model['backbone'](images))
        assert str(error.value) == (
            'c.py: model.neck.lateral_conv takes 384 channels, but it is given 368; the widths of '
            "the backbone's outputs are [24, 56, 152, 368]"
        )
    with channels_explained(fitting, 'c.py'):
        fitting['neck'](fitting['backbone'](images))
    with pytest.raises(RuntimeError, match='a bug'), channels_explained(model, 'c.py'):
        raise RuntimeError('a bug')
