"""Counts of other people's networks: the numbers of their papers, and independent counters."""

import time
from itertools import islice

import pytest
import torch
from mmengine.analysis import get_model_complexity_info
from mmengine.config import Config
from spaces import space_of
from torch.utils.flop_counter import FlopCounterMode

from regnet_plugin.config_spaces.base import read_base
from regnet_plugin.config_spaces.counting import (
    build_on_meta,
    count_network,
    run_metered,
)
from regnet_plugin.config_spaces.fitting import count_fitted
from regnet_plugin.config_spaces.meter import CannotCount, Meter
from regnet_plugin.design_spaces.constraints import Constraints
from regnet_plugin.design_spaces.sampler import Sampler

# Flops in GF and parameters in M as published, by mmpretrain's config. ConvNeXt-T: the authors'
# repository rounds to 4.5 and 28; unrounded 4.457 in mmpretrain's metafile, without the biases (13
# M). Swin-T: Swin (arXiv:2103.14030) table 1 says 4.5 and 29; 4.36 in the metafile is without the
# products of attention. ViT-B and DeiT-S: 17.582 and 4.608 in the metafiles. MobileNetV2
# (arXiv:1801.04381) table 4: 300 M, 3.4 M without the biases and norms of its layers, 3.5 M with.
# EfficientNet-B0 (arXiv:1905.11946) table 2: 0.39 GF, which is 0.386 unrounded, 5.3 M; 0.4 in
# table 4 of DDS (arXiv:2003.13678). ResNet-50: 4.1 in table 3 of DDS, which has 22.6 M by mistake
# for the 25.56 M of torchvision and mmpretrain.
# mmpretrain's ViT-B has the head of its pretraining, 768 x 3072 wide; the paper's has 86.6 M.
PUBLISHED = {
    'convnext/convnext-tiny_32xb128_in1k': (4.457, 0.0005, 28.59),
    'swin_transformer/swin-tiny_16xb64_in1k': (4.50, 0.05, 28.29),
    'vision_transformer/vit-base-p16_64xb64_in1k': (17.582, 0.0005, 91.23),
    'deit/deit-small_4xb256_in1k': (4.608, 0.0005, 22.05),
    'mobilenet_v2/mobilenet-v2_8xb32_in1k': (0.300, 0.0005, 3.50),
    'efficientnet/efficientnet-b0_8xb32_in1k': (0.39, 0.005, 5.29),
    'resnet/resnet50_8xb32_in1k': (4.1, 0.05, 25.56),
}


def config_of(name):
    return read_base(f'mmpretrain::{name}.py')


@pytest.mark.parametrize('name', PUBLISHED)
def test_counts_are_those_of_the_paper(name):
    flops, rounding, parameters = PUBLISHED[name]
    counts = count_network(config_of(name), 224).complexity
    assert abs(counts.flops / 1e9 - flops) <= max(rounding, 0.005 * flops)
    assert abs(counts.parameters / 1e6 - parameters) < 0.006


@pytest.mark.parametrize('name', PUBLISHED)
def test_products_are_those_of_pytorchs_counter(name):
    """That one leaves out the biases, and has two flops for a multiply-add."""
    config = config_of(name)
    model = build_on_meta(config)
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        model(torch.empty(1, 3, 224, 224, device='meta'), mode='tensor')
    products = counter.get_total_flops() / 2
    counts = count_network(config, 224)
    biases = counts.complexity.flops - products
    assert 0 <= biases <= counts.complexity.activations_with_classifier


def test_convs_are_those_of_mmengines_counter():
    config = config_of('resnet/resnet50_8xb32_in1k')
    model = build_on_meta(config).to_empty(device='cpu')
    found = get_model_complexity_info(model.backbone, (3, 64, 64), show_table=False)
    ours = count_network(Config(dict(model=dict(
        type='ImageClassifier', backbone=config.model.backbone,
    ), default_scope='mmpretrain')), 64)  # fmt: skip
    # it counts a scale and a shift of each normalized element, which ours keeps apart
    assert found['flops'] == ours.complexity.flops + 2 * ours.normalization
    assert found['params'] == ours.complexity.parameters


def test_attention_is_a_share_by_name():
    counts = count_network(config_of('deit/deit-small_4xb256_in1k'), 224)
    tokens, width, blocks = 197, 384, 12
    assert counts.attention == blocks * 2 * tokens**2 * width
    assert counts.normalization == (2 * blocks + 1) * tokens * width


@pytest.mark.parametrize('name, size', [('regnetx', 34), ('regnety', 33), ('anynetx_a', 33)])
def test_networks_cost_what_the_closed_form_says(name, size):
    depth = dict(law='uniform', low=1, below=None, high=4 if name == 'anynetx_a' else 16)
    space = space_of(name, depth=depth)
    for _, sample in islice(Sampler(space, Constraints(), seed=3), size):
        backbone = dict(
            {name: value for name, value in sample.architecture.to_dict().items() if value},
            type='regnet_plugin.AnyNet',
            out_indices=(len(sample.architecture.stages) - 1,),
        )
        head = dict(type='LinearClsHead', num_classes=1000, in_channels=7)
        neck = dict(type='GlobalAveragePooling')
        model = dict(type='ImageClassifier', backbone=backbone, neck=neck, head=head)
        config = Config(dict(model=model, default_scope='mmpretrain'))
        counts, widths = count_fitted(config, sample.resolution)
        assert counts.complexity == sample.complexity
        assert widths == {'model.head.in_channels': sample.architecture.widths[-1]}


def test_one_of_convnexts_size_takes_little_time():
    config = config_of('convnext/convnext-tiny_32xb128_in1k')
    times = []
    for _ in range(3):
        start = time.process_time()
        count_network(config, 224)
        times.append(time.process_time() - start)
    assert min(times) < 0.3


def test_what_cannot_be_built_or_run_is_named():
    model = dict(type='ImageClassifier', backbone=dict(type='ConvNeXt', arch='none'))
    with pytest.raises(CannotCount, match='can be built, but AssertionError: Unavailable arch'):
        count_network(Config(dict(default_scope='mmpretrain', model=model)), 64)
    model = dict(
        type='ImageClassifier',
        backbone=dict(type='ConvNeXt', arch='atto'),
        head=dict(type='LinearClsHead', num_classes=10, in_channels=7),
    )
    with pytest.raises(CannotCount, match='must take an image, but RuntimeError'):
        count_network(Config(dict(default_scope='mmpretrain', model=model)), 64)


@pytest.mark.parametrize('turned', [False, True])
def test_a_bias_counts_once_per_output_whatever_the_order_of_the_numbers(turned):
    """PyTorch adds it apart from the product where rows are not contiguous, as in MLP-Mixer."""

    class Mixing(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.layer = torch.nn.Linear(16, 5, device='meta')

        def forward(self, image):
            tokens = image.flatten(2)
            return self.layer(tokens.mT.contiguous().mT if turned else tokens)

    counts = run_metered(Meter(), Mixing(), torch.empty(1, 3, 4, 4, device='meta')).complexity
    assert counts.flops == 3 * 5 * (16 + 1)


def test_an_operator_that_needs_values_is_named():
    class Decides(torch.nn.Module):
        def forward(self, image):
            return image.sum().nonzero()

    with pytest.raises(CannotCount, match='runs without values, on the meta device, but aten.nonz'):
        run_metered(Meter(), Decides(), torch.empty(1, 3, 8, 8, device='meta'))
