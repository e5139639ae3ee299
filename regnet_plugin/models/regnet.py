"""RegNet: an AnyNet whose stages come from the quantized linear function."""

from regnet_plugin.core.arch_argument import architecture_of
from regnet_plugin.models.anynet import AnyNet
from regnet_plugin.registry import MODELS

_DECIDED = {'depths', 'widths', 'bottleneck_ratios', 'group_widths', 'se_ratio'}
_NETWORK = ('block', 'stem', 'stem_width', 'strides', 'dilations')


@MODELS.register_module()
class RegNet(AnyNet):
    """Backbone of section 3.3, X and Y: stages computed from d, w_0, w_a, w_m, g, b, then the
    group-width rule.

    Args:
        arch (str | dict): A published name ('regnetx_200mf' … 'regnetx_32gf', 'regnety_200mf' …
            'regnety_128gf'), or ``dict(depth=, w_0=, w_a=, w_m=, group_width=, bottleneck_ratio=1,
            se_ratio=0.0)``. OpenMMLab's spelling of the parameters (``w0, wa, wm, group_w,
            bot_mul``) is understood.
        **kwargs: Arguments of `AnyNet` other than those that ``arch`` decides.

    Raises:
        ValueError: as `regnet_plugin.core.arch_argument.architecture_of` and `AnyNet` do.
    """

    def __init__(self, arch, **kwargs):
        decided = sorted(_DECIDED & set(kwargs))
        if decided:
            raise ValueError(
                f'arch decides {", ".join(sorted(_DECIDED))}, but '
                f'{decided[0]}={kwargs[decided[0]]!r} is '
                'given beside it; AnyNet takes stages'
            )
        network = {name: kwargs.pop(name) for name in _NETWORK if name in kwargs}
        super().__init__(**architecture_of(arch, **network).to_dict(), **kwargs)
