"""A RegNet on ImageNet with the paper's recipe, 8 GPUs of 128 images: networks up to 1.6 GF."""

_base_ = [
    'models/regnet_imagenet.py',
    'datasets/imagenet_dds.py',
    'schedules/dds_100e.py',
    'default_runtime.py',
]
