"""What detectors share that start from OpenMMLab's RegNetX weights: the freezing, and images as these want them."""

images = dict(  # the weights were trained on BGR images
    mean=[103.53, 116.28, 123.675], std=[57.375, 57.12, 58.395], bgr_to_rgb=False
)
regnet = dict(type='regnet_plugin.RegNet', frozen_stages=1, norm_eval=True)
