"""What detectors share that start from the authors' RegNetY weights: the freezing, and RGB images.

The weights were trained on BGR images; their stem is turned when they are loaded (docs/how_to/weights.md).
"""

images = dict(mean=[123.675, 116.28, 103.53], std=[58.395, 57.12, 57.375], bgr_to_rgb=True)
regnet = dict(type='regnet_plugin.RegNet', frozen_stages=1, norm_eval=True)
