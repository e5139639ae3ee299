"""Mask R-CNN with FPN and RegNetY-4.0GF on COCO, 200 epochs of large-scale jitter from random weights.

Box AP 47.8, mask AP 43.0 of detectron2's own network with its recipe (new_baselines).
"""

_base_ = 'mask-rcnn_regnety_4.0gf_fpn_lsj-100e_coco.py'

train_dataloader = dict(dataset=dict(times=8))
param_scheduler = [dict(_base_.param_scheduler[0], end=1000), _base_.param_scheduler[1]]
