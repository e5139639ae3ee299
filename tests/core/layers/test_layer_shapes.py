import pytest
from hypothesis import given, settings
from random_networks import architectures

from regnet_plugin.core.complexity import complexity, structure_of
from regnet_plugin.core.layers.layer_shapes import KNOWN_BLOCKS, network_shapes


@settings(deadline=None, max_examples=100)
@given(architectures(KNOWN_BLOCKS).filter(lambda network: not network.head_width))
def test_layers_add_up_to_the_counts(architecture):
    counts = complexity(architecture, 65, 10)
    shapes = network_shapes(**structure_of(architecture), resolution=65, num_classes=10)
    flops = parameters = activations = 0
    for conv in shapes.convs():
        bias = conv.width if conv.is_squeeze else 0
        flops = flops + conv.number * (conv.weights * conv.image.area + bias)
        parameters = parameters + conv.number * (conv.weights + (bias or 2 * conv.width))
        activations = activations + conv.number * conv.outputs
    classifier = 10 * shapes.width + 10
    assert (flops + classifier, parameters + classifier, activations) == (
        counts.flops,
        counts.parameters,
        counts.activations,
    )


@pytest.mark.parametrize('changes', [dict(block='Z'), dict(block='PreY'), dict(head_width=64)])
def test_layers_of_follow_ups_are_not_known(changes):
    structure = dict(depths=[[1]], widths=[[16]], bottleneck_ratios=[[1]], group_widths=[[8]])
    with pytest.raises(ValueError, match='layers are known of the blocks X, Y, R, V, VR, V2, VR2'):
        network_shapes(**structure, **changes)
