"""The recipe of the study's populations: 480 of scikit-learn's digits to train with, the other 1,317 to test on.

As regnetx_6.5mf_digits.py, but plain cross-entropy and no warm-up, as in section 3 of the paper; batch, training images and
epochs were chosen in the pilot (docs/study/pilot/README.md) before any two spaces were compared.
"""
_base_ = '../recipes/dds_10e_digits.py'

train_dataloader = dict(batch_size=32, dataset=dict(indices=480))  # the first 480 of the split
val_dataloader = dict(
    batch_size=439,  # three batches
    dataset=dict(
        _delete_=True,
        type='ConcatDataset',
        datasets=[dict(type='regnet_plugin.Digits', split='test', image_size=32, pipeline=[dict(type='PackInputs')]),
                  dict(type='regnet_plugin.Digits', split='train', image_size=32, indices=-957,  # the last 957
                       pipeline=[dict(type='PackInputs')])]))
train_cfg = dict(max_epochs=10, val_interval=10)
