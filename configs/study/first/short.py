"""The recipe of the first attempt at the study: 960 of scikit-learn's digits to train with, the other 837 to test on.

As regnetx_6.5mf_digits.py, but plain cross-entropy and no warm-up, as in section 3 of the paper; images, batch and epochs
were chosen in the pilot (docs/study/first/pilot/README.md) before any two spaces were compared.
"""

_base_ = '../../recipes/dds_10e_digits.py'

train_dataloader = dict(batch_size=64, dataset=dict(indices=960))  # the first 960 of the split
val_dataloader = dict(
    batch_size=279,  # three batches
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
                indices=-477,  # the last 477
                pipeline=[dict(type='PackInputs')],
            ),
        ],
    ),
)
train_cfg = dict(max_epochs=4, val_interval=4)  # the network is tested once, at the end
