"""A RegNet on ImageNet with torchvision's recipe of 2021, 8 GPUs of 128 images: the weights IMAGENET1K_V2 come from it.

600 epochs, label smoothing, mixup or CutMix, TrivialAugment, random erasing, EMA, no decay on normalization. What enhanced
training does for RegNet is left open by the paper (section 5). The crop of training is 224: torchvision names the recipe with
176 (FixRes) for its X-400MF, X-800MF and X-1.6GF only. Repeated augmentation came later, for ResNet-50.
"""

_base_ = [
    'models/regnet_imagenet.py',
    'datasets/imagenet_modern.py',
    'schedules/modern_600e.py',
    'default_runtime.py',
]

model = dict(
    head=dict(loss=dict(type='LabelSmoothLoss', label_smooth_val=0.1)),
    # One of the two for each batch.
    train_cfg=dict(augments=[dict(type='Mixup', alpha=0.2), dict(type='CutMix', alpha=1.0)]),
)
