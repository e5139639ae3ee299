"""Mask R-CNN with FPN and RegNetX-4.0GF on COCO, 200 epochs of large-scale jitter from random weights.

Box AP 48.1, mask AP 43.1 of detectron2's own network with its recipe (new_baselines).
"""

_base_ = 'mask-rcnn_regnetx_4.0gf_fpn_lsj-100e_coco.py'

train_dataloader = dict(dataset=dict(times=8))
param_scheduler = [dict(_base_.param_scheduler[0], end=1000), _base_.param_scheduler[1]]
