"""The paper's head: global average pooling, one linear layer, plain cross-entropy."""

model = dict(
    type='ImageClassifier',
    neck=dict(type='GlobalAveragePooling'),
    head=dict(type='LinearClsHead', loss=dict(type='CrossEntropyLoss', loss_weight=1.0)),
)
