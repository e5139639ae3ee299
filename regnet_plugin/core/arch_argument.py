"""What a config may write as ``arch``: a published name, or parameters in our spelling or in
OpenMMLab's.

On a command line parameters are written 'depth=22,w_0=24,w_a=24.48,w_m=2.54,group_width=16'.
"""

import ast
from collections.abc import Mapping

from regnet_plugin.core.architecture import is_real
from regnet_plugin.core.published import PUBLISHED, parameters
from regnet_plugin.core.quantized_linear import regnet

_OPENMMLAB = {
    'w0': 'w_0',
    'wa': 'w_a',
    'wm': 'w_m',
    'group_w': 'group_width',
    'bot_mul': 'bottleneck_ratio',
}
_REQUIRED = ('depth', 'w_0', 'w_a', 'w_m')
_OPTIONAL = ('group_width', 'bottleneck_ratio', 'se_ratio')


def _our_spelling(arch):
    """Rename OpenMMLab's parameters; its ``bot_mul`` is the inverse of the paper's bottleneck
    ratio.
    """
    twice = [theirs for theirs, ours in _OPENMMLAB.items() if theirs in arch and ours in arch]
    if twice:
        raise ValueError(
            f'arch must give each parameter once, but {twice[0]}={arch[twice[0]]!r} and '
            f'{_OPENMMLAB[twice[0]]}={arch[_OPENMMLAB[twice[0]]]!r} are the same one'
        )
    if 'bot_mul' in arch:
        if not is_real(arch['bot_mul']) or arch['bot_mul'] <= 0:
            raise ValueError(f'bot_mul must be a positive number, but bot_mul={arch["bot_mul"]!r}')
        arch = dict(arch, bot_mul=1 / arch['bot_mul'])
    return {_OPENMMLAB.get(name, name): value for name, value in arch.items()}


def arch_of_text(text):
    """Read what a person typed: a published name, which is returned, or name=value pairs, of which
    a dict is made.

    Raises:
        ValueError: if a value is no number, or a name is given twice.
    """
    if '=' not in text:
        return text
    values = {}
    for pair in text.replace(' ', '').split(','):
        name, _, value = pair.partition('=')
        if name in values:
            raise ValueError(f'each parameter must be given once, but {name} is given twice')
        try:
            values[name] = ast.literal_eval(value)
        except (SyntaxError, ValueError):
            raise ValueError(
                f'parameters must be numbers, name=value, but this is {pair!r}'
            ) from None
    return values


def parameters_of(arch):
    """Return the parameters that an ``arch`` means, keywords of
    `regnet_plugin.core.quantized_linear.regnet`.

    Args:
        arch (str | dict): see `architecture_of`.

    Raises:
        ValueError: if the name is not published, or an entry is unknown or missing.
    """
    if isinstance(arch, str):
        return parameters(arch)
    if not isinstance(arch, Mapping):
        raise ValueError(
            f'arch must be a published name ({", ".join(PUBLISHED)}) or a dict of parameters, but '
            f'arch={arch!r}'
        )
    values = _our_spelling(arch)
    unknown = sorted(map(str, set(values) - set(_REQUIRED + _OPTIONAL)))
    missing = [name for name in _REQUIRED if name not in values]
    if unknown or missing:
        raise ValueError(
            f'arch must have {", ".join(_REQUIRED)} and may have {", ".join(_OPTIONAL)}, but '
            'unknown: '
            f'{", ".join(unknown) or "none"}; missing: {", ".join(missing) or "none"}'
        )
    return values


def architecture_of(arch, **network):
    """Make the architecture that a config's ``arch`` means.

    Args:
        arch (str | dict): a published name such as 'regnety_4.0gf', or a dict with depth, w_0, w_a,
            w_m and, where wanted, group_width, bottleneck_ratio (1) and se_ratio (0); OpenMMLab's
            w0, wa, wm, group_w and bot_mul are understood.
        **network: further keywords of `regnet_plugin.core.quantized_linear.regnet`, such as
            ``block`` and ``stem``.

    Returns:
        Architecture: after the group-width rule.

    Raises:
        ValueError: as `parameters_of` and `regnet` do.
    """
    return regnet(**parameters_of(arch), **network)
