"""Numbers printed in the paper or released with the authors' code, typed here as the tests' truth.

Sources: figures 15 and 16 and tables 2 to 4 of *Designing Network Design Spaces* (stages, batch, errors, printed sizes);
the exact integers that the authors released for their 24 RegNets, six ResNe(X)ts and six EfficientNets (pycls, MIT);
accuracies and the parameter count of RegNetY-128GF as released by torchvision; timm's accuracies; AP on COCO as released by
mmdet and detectron2.
"""

# name: (depths, widths, group widths, flops, parameters, activations, activations with the classifier's outputs)
REGNETS = {
    'regnetx_200mf': (
        (1, 1, 4, 7),
        (24, 56, 152, 368),
        (8, 8, 8, 8),
        199040872,
        2684792,
        2163056,
        2164056,
    ),
    'regnetx_400mf': (
        (1, 2, 7, 12),
        (32, 64, 160, 384),
        (16, 16, 16, 16),
        397678568,
        5157512,
        3142272,
        3143272,
    ),
    'regnetx_600mf': (
        (1, 3, 5, 7),
        (48, 96, 240, 528),
        (24, 24, 24, 24),
        600891112,
        6196040,
        3974096,
        3975096,
    ),
    'regnetx_800mf': (
        (1, 3, 7, 5),
        (64, 128, 288, 672),
        (16, 16, 16, 16),
        799700712,
        7259656,
        5147744,
        5148744,
    ),
    'regnetx_1.6gf': (
        (2, 4, 10, 2),
        (72, 168, 408, 912),
        (24, 24, 24, 24),
        1602850792,
        9190136,
        7932512,
        7933512,
    ),
    'regnetx_3.2gf': (
        (2, 6, 15, 2),
        (96, 192, 432, 1008),
        (48, 48, 48, 48),
        3176622952,
        15296552,
        11366432,
        11367432,
    ),
    'regnetx_4.0gf': (
        (2, 5, 14, 2),
        (80, 240, 560, 1360),
        (40, 40, 40, 40),
        3964499816,
        22118248,
        12200608,
        12201608,
    ),
    'regnetx_6.4gf': (
        (2, 4, 10, 1),
        (168, 392, 784, 1624),
        (56, 56, 56, 56),
        6460292264,
        26209256,
        16368744,
        16369744,
    ),
    'regnetx_8.0gf': (
        (2, 5, 15, 1),
        (80, 240, 720, 1920),
        (80, 120, 120, 120),
        7995133416,
        39572648,
        14058688,
        14059688,
    ),
    'regnetx_12gf': (
        (2, 5, 11, 1),
        (224, 448, 896, 2240),
        (112, 112, 112, 112),
        12086679016,
        46106056,
        21365568,
        21366568,
    ),
    'regnetx_16gf': (
        (2, 6, 13, 1),
        (256, 512, 896, 2048),
        (128, 128, 128, 128),
        15940756456,
        54278536,
        25514496,
        25515496,
    ),
    'regnetx_32gf': (
        (2, 7, 13, 1),
        (336, 672, 1344, 2520),
        (168, 168, 168, 168),
        31735930792,
        107811560,
        36301160,
        36302160,
    ),
    'regnety_200mf': (
        (1, 1, 4, 7),
        (24, 56, 152, 368),
        (8, 8, 8, 8),
        199519076,
        3162996,
        2167052,
        2168052,
    ),
    'regnety_400mf': (
        (1, 3, 6, 6),
        (48, 104, 208, 440),
        (8, 8, 8, 8),
        401849056,
        4344144,
        3891496,
        3892496,
    ),
    'regnety_600mf': (
        (1, 3, 7, 4),
        (48, 112, 256, 608),
        (16, 16, 16, 16),
        601227608,
        6055160,
        4333296,
        4334296,
    ),
    'regnety_800mf': (
        (1, 3, 8, 2),
        (64, 128, 320, 768),
        (16, 16, 16, 16),
        797183328,
        6263168,
        5248888,
        5249888,
    ),
    'regnety_1.6gf': (
        (2, 6, 17, 2),
        (48, 120, 336, 888),
        (24, 24, 24, 24),
        1612087326,
        11202430,
        8043814,
        8044814,
    ),
    'regnety_3.2gf': (
        (2, 5, 13, 1),
        (72, 216, 576, 1512),
        (24, 24, 24, 24),
        3176496162,
        19436338,
        11262418,
        11263418,
    ),
    'regnety_4.0gf': (
        (2, 6, 12, 2),
        (128, 192, 512, 1088),
        (64, 64, 64, 64),
        3973301344,
        20646656,
        12286200,
        12287200,
    ),
    'regnety_6.4gf': (
        (2, 7, 14, 2),
        (144, 288, 576, 1296),
        (72, 72, 72, 72),
        6355221876,
        30583252,
        16406188,
        16407188,
    ),
    'regnety_8.0gf': (
        (2, 4, 10, 1),
        (168, 448, 896, 2016),
        (56, 56, 56, 56),
        7963074196,
        39180068,
        17967916,
        17968916,
    ),
    'regnety_12gf': (
        (2, 5, 11, 1),
        (224, 448, 896, 2240),
        (112, 112, 112, 112),
        12092395504,
        51822544,
        21383496,
        21384496,
    ),
    'regnety_16gf': (
        (2, 4, 11, 1),
        (224, 448, 1232, 3024),
        (112, 112, 112, 112),
        15911534044,
        83590140,
        23040228,
        23041228,
    ),
    'regnety_32gf': (
        (2, 5, 12, 1),
        (232, 696, 1392, 3712),
        (232, 232, 232, 232),
        32279583362,
        145046770,
        30260570,
        30261570,
    ),
}

# Top-1 error as printed in figures 15 and 16.
ERRORS = dict(
    zip(
        REGNETS,
        '31.1 27.3 25.9 24.8 23.0 21.7 21.4 20.8 20.7 20.3 20.0 19.5 '
        '29.6 25.9 24.5 23.7 22.0 21.0 20.6 20.1 20.1 19.7 19.6 19.0'.split(),
    )
)

# name: (depths, widths, group width of every stage, parameters or None); released after the paper
LARGER_REGNETS = {
    'regnety_64gf': ((2, 5, 12, 1), (328, 984, 1968, 4920), 328, None),
    'regnety_128gf': ((2, 7, 17, 1), (528, 1056, 2904, 7392), 264, 644812894),
}

# name: (depths, bottleneck ratio, group widths, flops, parameters, activations, with classifier and max-pool); all have the
# widths 256, 512, 1024, 2048, the strides 1, 2, 2, 2 and ResNet's stem of width 64
RESNETS = {
    'ResNet-50': ((3, 4, 6, 3), 4, (64, 128, 256, 512), 4089185256, 25557032, 11113984, 11315688),
    'ResNet-101': ((3, 4, 23, 3), 4, (64, 128, 256, 512), 7801406440, 44549160, 16231936, 16433640),
    'ResNet-152': (
        (3, 8, 36, 3),
        4,
        (64, 128, 256, 512),
        11513627624,
        60192808,
        22554112,
        22755816,
    ),
    'ResNeXt-50': ((3, 4, 6, 3), 2, (4, 8, 16, 32), 4230480872, 25028904, 14400512, 14602216),
    'ResNeXt-101': ((3, 4, 23, 3), 2, (4, 8, 16, 32), 7969997800, 44177704, 21224448, 21426152),
    'ResNeXt-152': ((3, 8, 36, 3), 2, (4, 8, 16, 32), 11709514728, 59951400, 29654016, 29855720),
}

# Widths before the group-width rule (equation 4, multiples of 8).
QUANTIZED_WIDTHS = {
    'regnetx_200mf': (24, 56, 152, 368),
    'regnetx_400mf': (24, 64, 152, 392),
    'regnetx_600mf': (48, 104, 240, 536),
    'regnetx_800mf': (56, 128, 288, 664),
    'regnetx_1.6gf': (80, 176, 408, 912),
    'regnetx_3.2gf': (88, 200, 448, 1000),
    'regnetx_4.0gf': (96, 232, 568, 1376),
    'regnetx_6.4gf': (184, 384, 792, 1632),
    'regnetx_8.0gf': (80, 232, 664, 1912),
    'regnetx_12gf': (168, 400, 944, 2240),
    'regnetx_16gf': (216, 456, 952, 2000),
    'regnetx_32gf': (320, 640, 1280, 2560),
    'regnety_200mf': (24, 56, 152, 368),
    'regnety_400mf': (48, 104, 208, 440),
    'regnety_600mf': (48, 112, 256, 600),
    'regnety_800mf': (56, 136, 320, 776),
    'regnety_1.6gf': (48, 128, 336, 896),
    'regnety_3.2gf': (80, 216, 568, 1504),
    'regnety_4.0gf': (96, 216, 480, 1080),
    'regnety_6.4gf': (112, 256, 576, 1312),
    'regnety_8.0gf': (192, 424, 920, 2016),
    'regnety_12gf': (168, 400, 944, 2240),
    'regnety_16gf': (200, 496, 1232, 3048),
    'regnety_32gf': (232, 584, 1488, 3760),
}

# The authors' integers for their EfficientNets. name: (flops, parameters, activations with the classifier's outputs)
EFFICIENTNETS = {
    'efficientnet_b0': (385825092, 5288548, 6748036),
    'efficientnet_b1': (686817992, 7794184, 10884328),
    'efficientnet_b2': (993578282, 9109994, 13832834),
    'efficientnet_b3': (1827162472, 12233232, 23831296),
    'efficientnet_b4': (4393801064, 19341616, 49489032),
    'efficientnet_b5': (10266426072, 30389784, 98857400),
}

# Tables 2 to 4 as printed. name: (flops in B, parameters in M, activations in M, error, error as originally reported); None
# where the table has nothing.
COMPARISONS = {
    'mobilenet_v2_1.4x': ('0.59', '6.9', None, None, '25.3'),
    'shufflenet_v1_2x': ('0.52', None, None, None, '26.3'),
    'shufflenet_v2_2x': ('0.59', None, None, None, '25.1'),
    'resnet50': ('4.1', '22.6', '11.1', '23.2', '23.9'),
    'resnet101': ('7.8', '44.6', '16.2', '21.4', '22.0'),
    'resnet152': ('11.5', '60.2', '22.6', '20.9', '21.6'),
    'resnext50': ('4.2', '25.0', '14.4', '21.9', '22.2'),
    'resnext101': ('8.0', '44.2', '21.2', '20.7', '21.2'),
    'resnext152': ('11.7', '60.0', '29.7', '20.4', '21.1'),
    'efficientnet_b0': ('0.4', '5.3', '6.7', '24.9', '23.7'),
    'efficientnet_b1': ('0.7', '7.8', '10.9', '24.1', '21.2'),
    'efficientnet_b2': ('1.0', '9.2', '13.8', '23.4', '20.2'),
    'efficientnet_b3': ('1.8', '12.0', '23.8', '22.5', '18.9'),
    'efficientnet_b4': ('4.2', '19.0', '48.5', '21.2', '17.4'),
    'efficientnet_b5': ('9.9', '30.0', '98.9', '21.5', '16.7'),
}

# Figures 15 and 16, tables 3 and 4: deviation of the error, inference in ms, training in hours, as printed.
MEASURED = {
    'regnetx_200mf': '0.09 10 2.8',
    'regnetx_400mf': '0.15 15 3.9',
    'regnetx_600mf': '0.03 17 4.4',
    'regnetx_800mf': '0.09 21 5.7',
    'regnetx_1.6gf': '0.13 33 8.7',
    'regnetx_3.2gf': '0.08 57 14.3',
    'regnetx_4.0gf': '0.19 69 17.1',
    'regnetx_6.4gf': '0.07 92 23.5',
    'regnetx_8.0gf': '0.07 94 22.6',
    'regnetx_12gf': '0.04 137 32.9',
    'regnetx_16gf': '0.11 168 39.7',
    'regnetx_32gf': '0.12 318 76.9',
    'regnety_200mf': '0.11 11 3.1',
    'regnety_400mf': '0.16 19 5.1',
    'regnety_600mf': '0.07 19 5.2',
    'regnety_800mf': '0.03 22 6.0',
    'regnety_1.6gf': '0.08 39 10.1',
    'regnety_3.2gf': '0.05 67 16.5',
    'regnety_4.0gf': '0.08 68 16.8',
    'regnety_6.4gf': '0.04 104 26.1',
    'regnety_8.0gf': '0.09 113 28.1',
    'regnety_12gf': '0.06 150 36.0',
    'regnety_16gf': '0.16 189 45.6',
    'regnety_32gf': '0.12 319 76.0',
    'resnet50': '0.09 53 12.2',
    'resnext50': '0.10 78 18.0',
    'resnet101': '0.11 90 20.4',
    'resnext101': '0.08 137 31.8',
    'resnet152': '0.12 130 29.2',
    'resnext152': '0.06 197 45.7',
    'efficientnet_b0': '0.03 34 11.7',
    'efficientnet_b1': '0.16 52 15.6',
    'efficientnet_b2': '0.06 68 18.4',
    'efficientnet_b3': '0.05 114 32.1',
    'efficientnet_b4': '0.06 240 65.1',
    'efficientnet_b5': '0.11 504 135.1',
}

# Table 2, the networks without a config here: flops in B, parameters in M, error as originally reported.
MOBILE = {
    'mobilenet': ('0.57', '4.2', '29.4'),
    'nasnet-a': ('0.56', '5.3', '26.0'),
    'amoebanet-c': ('0.57', '6.4', '24.3'),
    'pnasnet-5': ('0.59', '5.1', '25.8'),
    'darts': ('0.57', '4.7', '26.7'),
}

# Where a printed size is not that of the network, and what it would be. The two ResNets are misprints (table 3; the
# integers above are the authors'). The flops and parameters of table 4 are those of the EfficientNet paper, and the
# activations of B4 do not agree with the authors' integers. Table 2 quotes the networks' own papers.
DEVIATIONS = {
    ('resnet50', 'parameters'): '25.6',
    ('resnet101', 'parameters'): '44.5',
    ('efficientnet_b2', 'parameters'): '9.1',
    ('efficientnet_b3', 'parameters'): '12.2',
    ('efficientnet_b4', 'flops'): '4.4',
    ('efficientnet_b4', 'parameters'): '19.3',
    ('efficientnet_b4', 'activations'): '49.5',
    ('efficientnet_b5', 'flops'): '10.3',
    ('efficientnet_b5', 'parameters'): '30.4',
    ('mobilenet_v2_1.4x', 'flops'): '0.58',
    ('mobilenet_v2_1.4x', 'parameters'): '6.1',
    ('shufflenet_v2_2x', 'flops'): '0.58',
}

# Table 4: side of the image (the EfficientNet paper's), short side of the test image (the authors' configs), batch.
EFFICIENTNET_SETTINGS = {
    'efficientnet_b0': (224, 256, 256),
    'efficientnet_b1': (240, 274, 256),
    'efficientnet_b2': (260, 298, 256),
    'efficientnet_b3': (300, 342, 256),
    'efficientnet_b4': (380, 434, 128),
    'efficientnet_b5': (456, 522, 64),
}

# Top-1 error of the checkpoints that the authors released, one of five trainings each (pycls).
PYCLS_ERRORS = dict(
    zip(
        REGNETS,
        '31.088 27.382 25.864 24.846 23.038 21.736 21.356 20.844 20.728 20.288 19.956 19.498 '
        '29.658 25.898 24.540 23.684 22.066 21.074 20.640 20.110 20.052 19.670 19.608 19.066'.split(),
    )
)

# Top-1 accuracy that timm publishes for its weights (results-imagenet.csv), at 224 and where there are two at 288 (RegNetZ:
# 256 and 320); SWAG and SEER, fine-tuned, at 384. A name is that of a network and a training.
TIMM = {
    f'{family}_{size}.pycls_in1k': (top1,)
    for family, row in {
        'regnetx': '68.758 72.482 73.904 75.054 76.936 78.160 78.486 79.062 79.214 79.608 79.844 80.258',
        'regnety': '70.288 74.004 75.274 76.334 77.880 78.902 79.246 79.734 79.874 80.382 80.284 80.796',
    }.items()
    for size, top1 in zip('002 004 006 008 016 032 040 064 080 120 160 320'.split(), row.split())
}
TIMM |= {
    f'{name}.tv2_in1k': (top1,)
    for name, top1 in {
        'regnetx_004_tv': '74.596',
        'regnetx_008': '77.294',
        'regnetx_016': '79.440',
        'regnetx_032': '80.916',
        'regnetx_080': '81.552',
        'regnetx_160': '82.574',
        'regnetx_320': '82.824',
        'regnety_004': '75.594',
        'regnety_008_tv': '78.672',
        'regnety_016': '80.668',
        'regnety_032': '81.788',
        'regnety_080_tv': '82.580',
        'regnety_160': '82.646',
        'regnety_320': '83.170',
    }.items()
}
TIMM |= {
    'regnety_032.ra_in1k': ('81.948', '82.724'),
    'regnetz_040.ra3_in1k': ('83.644', '84.242'),
    'regnetz_040_h.ra3_in1k': ('83.764', '84.498'),
    'regnetv_040.ra3_in1k': ('82.440', '83.204'),
    'regnetv_064.ra3_in1k': ('83.118', '83.746'),
    'regnety_040.ra3_in1k': ('82.308', '83.048'),
    'regnety_064.ra3_in1k': ('83.006', '83.716'),
    'regnety_080.ra3_in1k': ('83.166', '83.940'),
    'regnety_120.sw_in12k_ft_in1k': ('84.994', '85.428'),
    'regnety_160.sw_in12k_ft_in1k': ('85.596', '86.028'),
    'regnety_160.lion_in12k_ft_in1k': ('85.602', '86.004'),
    'regnety_160.deit_in1k': ('83.000', '83.704'),
    'regnety_160.swag_ft_in1k': ('86.010',),
    'regnety_320.swag_ft_in1k': ('86.836',),
    'regnety_1280.swag_ft_in1k': ('88.230',),
    'regnety_160.swag_lc_in1k': ('83.782',),
    'regnety_320.swag_lc_in1k': ('84.546',),
    'regnety_1280.swag_lc_in1k': ('85.982',),
    'regnety_320.seer_ft_in1k': ('83.324',),
    'regnety_640.seer_ft_in1k': ('83.924',),
    'regnety_1280.seer_ft_in1k': ('84.426',),
    'regnety_2560.seer_ft_in1k': ('85.144',),
}

# Top-1 accuracy of torchvision's weights IMAGENET1K_V2 whose networks have the paper's widths.
TORCHVISION_V2 = {
    'regnetx_3.2gf': 81.196,
    'regnety_400mf': 75.804,
    'regnety_3.2gf': 81.982,
    'regnety_16gf': 82.886,
}

# Box AP and mask AP on COCO val2017 that mmdet publishes for its own RegNetX in detectors with FPN (configs/regnet), by
# detector, network and schedule. Its row of mask-rcnn, 3.2gf-mdconv-c3-c5, 1x is that of 3.2gf to the last digit, memory
# included, so it is no result of its own.
MMDET_AP = {
    'retinanet 800mf 1x': ('35.6', None),
    'retinanet 1.6gf 1x': ('37.3', None),
    'retinanet 3.2gf 1x': ('39.1', None),
    'faster-rcnn 3.2gf 1x': ('39.9', None),
    'faster-rcnn 3.2gf 2x': ('41.1', None),
    'faster-rcnn 400mf ms-3x': ('37.1', None),
    'faster-rcnn 800mf ms-3x': ('38.8', None),
    'faster-rcnn 1.6gf ms-3x': ('40.5', None),
    'faster-rcnn 3.2gf ms-3x': ('42.3', None),
    'faster-rcnn 4.0gf ms-3x': ('42.8', None),
    'mask-rcnn 3.2gf 1x': ('40.3', '36.6'),
    'mask-rcnn 3.2gf-mdconv-c3-c5 1x': None,
    'mask-rcnn 4.0gf 1x': ('41.5', '37.4'),
    'mask-rcnn 6.4gf 1x': ('41.0', '37.1'),
    'mask-rcnn 8.0gf 1x': ('41.7', '37.5'),
    'mask-rcnn 12gf 1x': ('42.2', '38.0'),
    'mask-rcnn 3.2gf ms-3x': ('43.1', '38.7'),
    'mask-rcnn 400mf ms-poly-3x': ('37.6', '34.4'),
    'mask-rcnn 800mf ms-poly-3x': ('39.5', '36.1'),
    'mask-rcnn 1.6gf ms-poly-3x': ('40.9', '37.5'),
    'mask-rcnn 4.0gf ms-poly-3x': ('43.4', '39.2'),
    'cascade-mask-rcnn 400mf ms-3x': ('41.6', '36.4'),
    'cascade-mask-rcnn 800mf ms-3x': ('42.8', '37.6'),
    'cascade-mask-rcnn 1.6gf ms-3x': ('44.5', '39.0'),
    'cascade-mask-rcnn 3.2gf ms-3x': ('45.8', '40.0'),
    'cascade-mask-rcnn 4.0gf ms-3x': ('45.8', '40.0'),
}

# Those of them that feed RGB images, with the statistics of RGB, to weights that were trained on BGR ones.
WRONG_IN_MMDET = [
    f'mask-rcnn_regnetx-{size}_fpn_ms-poly-3x_coco' for size in ('1.6GF', '400MF', '4GF', '800MF')
]

# The same of detectron2's new_baselines, by network and epochs: Mask R-CNN with FPN, random weights, large-scale jitter.
DETECTRON2_AP = {
    'regnetx_4.0gf 100': ('46.0', '41.3'),
    'regnetx_4.0gf 200': ('48.1', '43.1'),
    'regnetx_4.0gf 400': ('48.6', '43.5'),
    'regnety_4.0gf 100': ('46.1', '41.6'),
    'regnety_4.0gf 200': ('47.8', '43.0'),
    'regnety_4.0gf 400': ('48.2', '43.3'),
}
