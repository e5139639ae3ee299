"""RegNetY-16GF on ImageNet, 100 epochs, figure 16: 15.9 GF, 83.6 M parameters, 23.0 M activations.

Top-1 error 19.6 ± 0.16 in the paper (mean and deviation of 5 trainings). The batch is the table's; the
checkpoint that the authors released was trained with 8 GPUs of 32 images.
"""

_base_ = '_base_/regnet_dds_8xb64.py'

model = dict(backbone=dict(arch='regnety_16gf'), head=dict(in_channels=3024))
