from types import SimpleNamespace

import pytest
import torch
from mmengine.config import Config
from mmengine.registry import MODELS, DefaultScope

from regnet_plugin.engine.errors import UserError
from regnet_plugin.engine.width_check import check_widths

DETECTOR = """
_base_ = 'mmdet::retinanet/retinanet_r50_fpn_1x_coco.py'
model = dict(backbone=dict(_delete_=True, type='regnet_plugin.RegNet', arch='regnetx_200mf', out_indices={indices}),
             neck=dict(in_channels={widths}, num_outs=5, start_level=0))
"""


@pytest.mark.parametrize('indices, widths, message', [
    ((0, 1, 2, 3), [24, 56, 152, 368], None), ((1, 2, 3), [56, 152, 368], None),
    ((0, 1, 2, 3), [24, 56, 152, 384], r'must be the widths of the backbone\'s outputs, \[24, 56, 152, 368\], but it is '
     r'\[24, 56, 152, 384\]'),
])
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


BACKBONE = dict(type='regnet_plugin.RegNet', arch='regnetx_200mf')
NECKS = {
    'FPN': dict(type='FPN', out_channels=8, num_outs=5),
    'PAFPN': dict(type='PAFPN', out_channels=8, num_outs=5),
    'NASFPN': dict(type='NASFPN', out_channels=8, num_outs=5, stack_times=1),
    'ChannelMapper': dict(type='ChannelMapper', out_channels=8, num_outs=5),
    'YOLOXPAFPN': dict(type='YOLOXPAFPN', out_channels=8),
    'CSPNeXtPAFPN': dict(type='CSPNeXtPAFPN', out_channels=8, num_csp_blocks=1),
}


@pytest.mark.parametrize('a_list_of_necks', [False, True])
@pytest.mark.parametrize('indices, widths', [((0, 1, 2, 3), [24, 56, 152, 368]), ((1, 2, 3), [56, 152, 368])])
@pytest.mark.parametrize('name', NECKS)
def test_necks_of_mmdet_and_subsets_of_the_stages(name, indices, widths, a_list_of_necks):
    import mmdet.models  # noqa: F401 - registers the necks
    for taken in (widths, [*widths[:-1], widths[-1] + 8], widths[1:]):
        neck = dict(NECKS[name], in_channels=taken)
        if a_list_of_necks:
            neck = [neck, dict(type='DyHead', in_channels=8, out_channels=8, num_blocks=1)]
        with DefaultScope.overwrite_default_scope('mmdet'), torch.device('meta'):
            model = SimpleNamespace(backbone=MODELS.build(dict(BACKBONE, out_indices=indices)), neck=MODELS.build(neck))
        if taken == widths:
            check_widths(model, 'c.py')
            continue
        with pytest.raises(UserError) as error:
            check_widths(model, 'c.py')
        assert str(error.value) == ("c.py: model.neck.in_channels must be the widths of the backbone's outputs, "
                                    f'{widths}, but it is {taken}')


def test_other_models_are_left_alone():
    check_widths(torch.nn.Linear(1, 1), 'c.py')
