"""As dds_10e_imagenet.py, from images that are decoded once: for small networks, which wait for the loader.

All networks share 350 GB in work_dirs/decoded, short side 256, from memory where there is as much. On photographs of
500x375 a process delivers 2.9 times as many images. The crops are cut from the smaller images: errors compare within
a population, not with those of other recipes. Nobody has trained it here.
"""

_base_ = 'dds_10e_imagenet.py'

decoded = dict(type='regnet_plugin.Decoded', _delete_=True)
kept, augmentation, crop = (
    _base_.test_pipeline[:2],
    _base_.train_pipeline[1:],
    _base_.test_pipeline[2:],
)
train_dataloader = dict(
    dataset=dict(
        decoded, dataset=dict(_base_.train_dataloader.dataset, pipeline=kept), pipeline=augmentation
    )
)
val_dataloader = dict(
    dataset=dict(decoded, dataset=dict(_base_.val_dataloader.dataset, pipeline=kept), pipeline=crop)
)
test_dataloader = val_dataloader
