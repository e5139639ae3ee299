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


def test_other_models_are_left_alone():
    check_widths(torch.nn.Linear(1, 1), 'c.py')
