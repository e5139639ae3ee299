"""Mask R-CNN with FPN on COCO, from random weights with large-scale jitter for 100 epochs, on 32 GPUs of 2 images.

The recipe of detectron2's new_baselines in mmdet's version, for ResNet-50 as good as the original (box AP 44.7 and
44.6). As in detectron2, scales and shifts of normalizations do not decay, and cudnn measures which algorithms are the
fastest, since all images have one size. What is different: detectron2 drops the rate at 8/9 and 26/27 of the training,
mmdet at 22/25 and 24/25; it feeds BGR images, which is the same to random weights; and it trains in mixed precision
(--amp).
"""

_base_ = [
    'mmdet::strong_baselines/mask-rcnn_r50_fpn_rpn-2conv_4conv1fc_syncbn-all_lsj-100e_coco.py',
    'models/regnet_random_weights.py',
]

# mmdet's MMSyncBN cannot be built in a single process, so neither tested nor exported there. Since version 1.12 PyTorch's
# takes empty inputs (of a head without regions), too, and weighs processes by the size of their inputs, as detectron2's does.
heads_norm = dict(norm_cfg=dict(type='SyncBN'))
model = dict(
    data_preprocessor=_base_.images,
    backbone=dict(_delete_=True, **_base_.regnet),
    roi_head=dict(bbox_head=heads_norm, mask_head=heads_norm),
)
optim_wrapper = dict(paramwise_cfg=dict(norm_decay_mult=0.0))
env_cfg = dict(cudnn_benchmark=True)
