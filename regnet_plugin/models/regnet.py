"""RegNet: an AnyNet whose stages come from the quantized linear function."""

from collections.abc import Mapping
from typing import Any

from regnet_plugin.core.arch_argument import parameters_of
from regnet_plugin.core.published import OF_BACKBONES
from regnet_plugin.core.quantized_linear import regnet_lists
from regnet_plugin.models.anynet import AnyNet
from regnet_plugin.registry import MODELS

# Arguments of AnyNet that the parameters of the quantized linear function decide.
_DECIDED = {'depths', 'widths', 'bottleneck_ratios', 'group_widths', 'se_ratio'}


@MODELS.register_module()
class RegNet(AnyNet):
    """Backbone of section 3.3, X and Y, and what followed, Z and V, given by parameters.

    Stages are computed from d, w_0, w_a, w_m, g and b; then the group-width rule is applied.

    Args:
        arch (str | dict): A published name ('regnetx_200mf' … 'regnetx_32gf', 'regnety_200mf' …
            'regnety_256gf', 'regnetz_500mf', 'regnetz_4.0gf', 'regnetv_4.0gf', 'regnetv_6.4gf'), or
            ``dict(depth=, w_0=, w_a=, w_m=, group_width=, bottleneck_ratio=1, se_ratio=0.0,
            block='X', head_width=0)``. OpenMMLab's spelling of the parameters (``w0, wa, wm,
            group_w, bot_mul``) is understood.
        block (str, optional): In the place of the block that ``arch`` says. Default: None.
        **kwargs: Arguments of `AnyNet` other than those that ``arch`` decides; ``head_width``
            replaces what it says of it, such as ``head_width=0`` in a detector.

    Raises:
        ValueError: as `regnet_plugin.core.arch_argument.architecture_of` and `AnyNet` do.
    """

    def __init__(
        self, arch: str | Mapping[str, Any], *, block: str | None = None, **kwargs: Any
    ) -> None:
        decided = sorted(_DECIDED & set(kwargs))
        if decided:
            raise ValueError(
                f'arch decides {", ".join(sorted(_DECIDED))}, but '
                f'{decided[0]}={kwargs[decided[0]]!r} is given beside it; AnyNet takes stages'
            )
        parameters = parameters_of(arch)
        head_width = parameters.pop('head_width', 0)
        if block is not None:
            parameters['block'] = block
        if isinstance(arch, str):
            kwargs = {**OF_BACKBONES.get(arch, {}), **kwargs}
        super().__init__(**regnet_lists(**parameters), **{'head_width': head_width, **kwargs})
