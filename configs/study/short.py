"""The recipe of the study's populations: 768 of scikit-learn's digits to train with, the other 1,029 to test on.

As regnetx_6.5mf_digits.py, but plain cross-entropy, as in section 3 of the paper; images, batch, rate and epochs were chosen in
the pilot (docs/study/pilot/README.md) before any two spaces were compared.
"""

_base_ = '../recipes/dds_10e_digits.py'

train_dataloader = dict(batch_size=32, dataset=dict(indices=768))  # the first 768 of the split
val_dataloader = dict(
    batch_size=343,  # three batches
    dataset=dict(
        _delete_=True,
        type='ConcatDataset',
        datasets=[
            dict(
                type='regnet_plugin.Digits',
                split='test',
                image_size=32,
                pipeline=[dict(type='PackInputs')],
            ),
            dict(
                type='regnet_plugin.Digits',
                split='train',
                image_size=32,
                indices=-669,  # the last 669
                pipeline=[dict(type='PackInputs')],
            ),
        ],
    ),
)
optim_wrapper = dict(optimizer=dict(lr=0.05))
param_scheduler = [  # warm-up: 96 steps at the full rate from the first one on are lost to many networks
    dict(type='LinearLR', start_factor=0.1, end=1, by_epoch=True, convert_to_iter_based=True),
    dict(type='CosineAnnealingLR', begin=1, by_epoch=True, convert_to_iter_based=True),
]
train_cfg = dict(max_epochs=4, val_interval=4)  # the network is tested once, at the end
