import heapq

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from random_networks import architectures

from regnet_plugin.core.arch_argument import architecture_of
from regnet_plugin.core.architecture import Architecture
from regnet_plugin.core.complexity import structure_of
from regnet_plugin.core.layers.activation_memory import (
    ELEMENT_BYTES,
    kept_activations,
    peak_activations,
    peak_bytes,
)
from regnet_plugin.core.layers.layer_shapes import KNOWN_BLOCKS
from regnet_plugin.core.published import PUBLISHED
from regnet_plugin.models import AnyNet


class Graph:
    """Operations of a network: what each one reads, how much it gives, whether that is in place."""

    def __init__(self):
        self.operations = []

    def add(self, size, *inputs, in_place=False):
        self.operations.append((inputs, size, in_place))
        return len(self.operations) - 1

    def least_peak(self):
        """Least over all orders of the most that lives at a time: Dijkstra, with max for +."""
        readers = [[] for _ in self.operations]
        for number, (inputs, _, _) in enumerate(self.operations):
            for source in inputs:
                readers[source].append(number)
        everything = (1 << len(self.operations)) - 1
        reached, queue = {0: 0}, [(0, 0)]
        while queue:
            peak, done = heapq.heappop(queue)
            if done == everything:
                return peak
            live = [
                size
                for number, (_, size, _) in enumerate(self.operations)
                if done >> number & 1
                and (
                    not readers[number] or any(not done >> reader & 1 for reader in readers[number])
                )
            ]
            for number, (inputs, size, in_place) in enumerate(self.operations):
                if done >> number & 1 or any(not done >> source & 1 for source in inputs):
                    continue
                during = max(peak, sum(live) + (0 if in_place else size))
                after = done | 1 << number
                if during < reached.get(after, np.inf):
                    reached[after] = during
                    heapq.heappush(queue, (during, after))


def half(side, stride):
    return -(-side // stride)


def graph_of(architecture, side, num_classes):
    """The graph of a network, written from the paper's figures 4 and 23, layer by layer."""
    graph = Graph()
    maps = graph.add(3 * side**2)
    stride = 1 if architecture.stem == 'cifar' else 2
    side, width = half(side, stride), architecture.stem_width
    maps = graph.add(width * side**2, maps)
    if architecture.stem == 'resnet':
        side = half(side, 2)
        maps = graph.add(width * side**2, maps)
    for stage in architecture.stages:
        for number in range(stage.depth):
            stride = stage.stride if number == 0 else 1
            out = half(side, stride)
            shortcut = maps
            if architecture.block in 'XYR':
                inner = stage.bottleneck_width
                inside = graph.add(inner * side**2, maps)
                inside = graph.add(inner * out**2, inside)
                if architecture.se_ratio:
                    pooled = graph.add(inner, inside)
                    squeezed = graph.add(round(width * architecture.se_ratio), pooled)
                    scale = graph.add(inner, squeezed)
                    inside = graph.add(inner * out**2, inside, scale, in_place=True)
                inside = graph.add(stage.width * out**2, inside)
            else:
                inside = maps
                for _ in range(2 if '2' in architecture.block else 1):
                    inside = graph.add(stage.width * out**2, inside)
            if architecture.block not in ('V', 'V2'):
                if stride != 1 or width != stage.width:
                    shortcut = graph.add(stage.width * out**2, maps)
                inside = graph.add(stage.width * out**2, inside, shortcut, in_place=True)
            maps, side, width = inside, out, stage.width
    if num_classes:
        graph.add(num_classes, graph.add(width, maps))
    return graph


@settings(
    deadline=None, max_examples=500, suppress_health_check=[HealthCheck.too_slow], derandomize=True
)
@given(architectures(KNOWN_BLOCKS).filter(lambda network: not network.head_width))
def test_peak_is_the_least_of_all_orders(architecture):
    structure = structure_of(architecture)
    for classes in (0, 1000):
        peak = peak_activations(**structure, resolution=40, num_classes=classes)
        assert peak.tolist() == [graph_of(architecture, 40, classes).least_peak()]


# Counted for a reference of its own: (w_stem + w_1) * 112^2 + w_1 * 56^2.
PEAKS = {
    'regnetx_200mf': 777_728,
    'regnetx_800mf': 1_404_928,
    'regnetx_3.2gf': 1_906_688,
    'regnetx_32gf': 5_669_888,
    'regnety_400mf': 1_154_048,
    'regnety_128gf': 8_680_448,
}


@pytest.mark.parametrize('name', PUBLISHED)
def test_peak_of_published_networks(name):
    architecture = architecture_of(name)
    width = architecture.widths[0]
    expected = (32 + width) * 112**2 + width * 56**2
    assert peak_bytes(architecture) == expected == PEAKS.get(name, expected)
    assert peak_bytes(architecture, 'fp16') == 2 * expected
    assert peak_bytes(architecture, 'fp32') == 4 * expected
    assert set(ELEMENT_BYTES) == {'int8', 'fp16', 'fp32'}


def test_first_expansion_of_mobilenet_v2():
    """1,372 KiB in int8, as MCUNetV2 (Lin et al., 2021, figure 1) has it: 16 + 96 channels of 112.

    Here the expansion of one block without groups, which has no other layer that needs more.
    """
    expansion = Architecture.from_lists(
        depths=[1],
        widths=[8],
        bottleneck_ratios=[1 / 12],
        group_widths=[1],
        strides=[4],
        stem_width=16,
    )
    # the depthwise conv behind it gives 96 * 28^2, and the input is kept: less than another map
    projection = 8 * 28**2
    peak = peak_bytes(expansion)
    assert (16 + 96) * 112**2 == 1372 * 1024
    assert peak == 1372 * 1024 + projection


KEPT = ('regnetx_200mf', 'regnety_400mf', 'regnetx_3.2gf')
OTHERS = [
    dict(block='R', stem='resnet', depths=[1, 2], widths=[64, 128], bottleneck_ratios=[4, 4]),
    dict(block='V', depths=[1, 2], widths=[32, 64]),
    dict(block='VR', depths=[1, 2], widths=[32, 64]),
    dict(block='V2', depths=[2, 2], widths=[16, 64], stem='cifar'),
    dict(block='VR2', depths=[2, 2], widths=[16, 64], stem='cifar'),
    dict(depths=[2, 3], widths=[32, 96], bottleneck_ratios=[0.25] * 2, group_widths=[1, 8]),
    dict(
        depths=[2, 3],
        widths=[32, 96],
        bottleneck_ratios=[2, 4],
        group_widths=[8, 8],
        se_ratio=0.25,
    ),
]


@pytest.mark.parametrize('given', [*KEPT, *OTHERS], ids=str)
def test_what_training_keeps(given):
    """What autograd itself packs away on a CPU: storages of images and maps, each once."""
    architecture = (
        architecture_of(given) if isinstance(given, str) else Architecture.from_lists(**given)
    )
    batch, side = 2, 96
    network = AnyNet(**architecture.to_dict(), out_indices=(len(architecture.stages) - 1,))
    head = torch.nn.Linear(architecture.widths[-1], 10)
    weights = {parameter.untyped_storage().data_ptr() for parameter in network.parameters()}
    weights |= {parameter.untyped_storage().data_ptr() for parameter in head.parameters()}
    kept, alive = {}, []

    def pack(tensor):
        storage = tensor.untyped_storage()
        if storage.data_ptr() not in weights:
            kept[storage.data_ptr()] = storage.nbytes()
            alive.append(tensor)  # or another tensor could get its place
        return tensor

    images = torch.randn(batch, 3, side, side)
    with torch.autograd.graph.saved_tensors_hooks(pack, lambda tensor: tensor):
        head(network(images)[-1].mean((2, 3))).sum()
    counted = kept_activations(**structure_of(architecture), resolution=side, num_classes=10)
    assert 4 * batch * counted[0] == pytest.approx(sum(kept.values()), rel=0.1)
