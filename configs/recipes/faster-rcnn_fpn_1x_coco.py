"""A detector's recipe on COCO: Faster R-CNN with FPN, 12 epochs on 8 GPUs of 2 images, backbone from random weights.

mmdet's schedule, with the paper's weight decay. Nothing is frozen, and the backbone's normalization is BN over all 16
images of a batch: 2 per GPU are too few for its statistics. GN, the other remedy, needs one number of groups that
divides the widths of all sampled networks and their bottlenecks, and there is none. From random weights 12 epochs end
far below a pretrained backbone; to catch up takes about six times as long (He et al. 2019, mmdet::scratch). So they
compare networks and are not what a network can do.

By itself it trains RegNetX-400MF. Nobody has trained it here; no box AP is known.
"""

_base_ = 'mmdet::faster_rcnn/faster-rcnn_r50_fpn_1x_coco.py'

model = dict(
    backbone=dict(
        _delete_=True,
        type='regnet_plugin.RegNet',
        arch='regnetx_400mf',
        norm_cfg=dict(type='SyncBN'),
    ),
    neck=dict(in_channels=[32, 64, 160, 384]),
)
optim_wrapper = dict(optimizer=dict(weight_decay=5e-5))
# MMEngine removes an old checkpoint before it writes the new one: with fewer than two, a kill in between loses both.
default_hooks = dict(checkpoint=dict(max_keep_ckpts=2))
