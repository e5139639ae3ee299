"""Networks as a person names them: published ones of every family, or a RegNet's parameters."""

from typing import NamedTuple

from regnet_plugin.core.arch_argument import arch_of_text, architecture_of
from regnet_plugin.core.architecture import Architecture
from regnet_plugin.core.compound_scaling import Network
from regnet_plugin.core.efficientnet import EFFICIENTNET_RESOLUTIONS, EFFICIENTNETS
from regnet_plugin.core.published import BODIES, RESOLUTIONS
from regnet_plugin.core.vocabulary import DEFAULT_RESOLUTION


class NamedNetwork(NamedTuple):
    """A network, and the side of the images that it is meant for."""

    network: Network
    resolution: int


def named_network(text: str) -> NamedNetwork:
    """Make out a network.

    Args:
        text: a published RegNet such as 'regnety_4.0gf'; 'efficientnet_b0' to 'efficientnet_b5';
            'resnet50', 'resnext101' and so on, with their own stem; or parameters such as
            'depth=24,w_0=32,w_a=8,w_m=2,group_width=16'.

    Raises:
        ValueError: if it is none of them.
    """
    if text in EFFICIENTNETS:
        return NamedNetwork(EFFICIENTNETS[text], EFFICIENTNET_RESOLUTIONS[text])
    if text in BODIES:
        around = dict(stem='resnet', stem_width=64, strides=(1, 2, 2, 2))
        body = Architecture.from_lists(**{**BODIES[text], **around})
        return NamedNetwork(body, DEFAULT_RESOLUTION)
    network = architecture_of(arch_of_text(text))
    return NamedNetwork(network, RESOLUTIONS.get(text, DEFAULT_RESOLUTION))
