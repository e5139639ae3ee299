"""The recipe of section 5 on ImageNet: 100 epochs on 8 GPUs of 128 images, as regnetx_400mf_imagenet.py.

Figures 15 to 20, for networks up to 1.6 GF. Larger ones take regnetx_3.2gf_imagenet.py (8 GPUs of 64 images) or
regnetx_32gf_imagenet.py (of 32) as their recipe. By itself it trains RegNetX-400MF: top-1 error 27.3 ± 0.15 there.
"""

_base_ = '../regnetx_400mf_imagenet.py'
