"""What detectors share whose backbone starts from random weights: nothing is frozen, statistics are of the whole batch.

The few images of one GPU give poor statistics. Images are RGB, as in the ImageNet configs beside this one.
"""

images = dict(mean=[123.675, 116.28, 103.53], std=[58.395, 57.12, 57.375], bgr_to_rgb=True)
regnet = dict(type='regnet_plugin.RegNet', norm_cfg=dict(type='SyncBN'))
