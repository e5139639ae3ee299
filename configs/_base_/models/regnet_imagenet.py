"""The paper's classifier: backbone, global average pooling, one linear layer, plain cross-entropy."""
model = dict(
    type='ImageClassifier',
    backbone=dict(type='regnet_plugin.RegNet', out_indices=(3, )),
    neck=dict(type='GlobalAveragePooling'),
    head=dict(
        type='LinearClsHead',
        num_classes=1000,
        loss=dict(type='CrossEntropyLoss', loss_weight=1.0),
        topk=(1, 5)))
