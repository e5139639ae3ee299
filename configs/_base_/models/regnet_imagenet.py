"""The paper's classifier with a RegNet, for ImageNet."""

_base_ = 'classifier.py'

model = dict(
    backbone=dict(type='regnet_plugin.RegNet', out_indices=(3,)),
    head=dict(num_classes=1000, topk=(1, 5)),
)
