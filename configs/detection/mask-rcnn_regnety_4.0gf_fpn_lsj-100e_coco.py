"""Mask R-CNN with FPN and RegNetY-4.0GF on COCO, 100 epochs of large-scale jitter from random weights.

Box AP 46.1, mask AP 41.6 of detectron2's own network with its recipe (new_baselines).
"""

_base_ = '../_base_/mask-rcnn_lsj-100e_coco.py'

model = dict(backbone=dict(arch='regnety_4.0gf'), neck=dict(in_channels=[128, 192, 512, 1088]))
