"""Mask R-CNN with FPN and RegNetX-4.0GF on COCO, 100 epochs of large-scale jitter from random weights.

Box AP 46.0, mask AP 41.3 of detectron2's own network with its recipe (new_baselines).
"""

_base_ = '../_base_/mask-rcnn_lsj-100e_coco.py'

model = dict(backbone=dict(arch='regnetx_4.0gf'), neck=dict(in_channels=[80, 240, 560, 1360]))
