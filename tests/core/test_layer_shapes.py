from hypothesis import given, settings
from random_networks import architectures

from regnet_plugin.core.complexity import complexity, structure_of
from regnet_plugin.core.layer_shapes import network_shapes


@settings(deadline=None, max_examples=100)
@given(architectures())
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
