"""What a config may write as ``arch``: a published name, or parameters in our or OpenMMLab's words.

On a command line parameters are written 'depth=22,w_0=24,w_a=24.48,w_m=2.54,group_width=16'.
"""

import ast
from collections.abc import Mapping
from typing import Any

from regnet_plugin.core.architecture import Architecture
from regnet_plugin.core.number_checks import is_real
from regnet_plugin.core.published import FOLLOW_UPS, PUBLISHED, parameters
from regnet_plugin.core.quantized_linear import regnet

# Theirs and ours; their bot_mul is the inverse of our bottleneck ratio.
_OPENMMLAB = {
    'w0': 'w_0',
    'wa': 'w_a',
    'wm': 'w_m',
    'group_w': 'group_width',
    'bot_mul': 'bottleneck_ratio',
}
_REQUIRED = ('depth', 'w_0', 'w_a', 'w_m')
_OPTIONAL = ('group_width', 'bottleneck_ratio', 'se_ratio', 'block', 'head_width')


def _our_spelling(arch: Mapping[str, Any]) -> dict[str, Any]:
    """Rename OpenMMLab's parameters, and turn its ``bot_mul`` into the paper's bottleneck ratio."""
    for theirs, ours in _OPENMMLAB.items():
        if theirs in arch and ours in arch:
            raise ValueError(
                f'arch must give each parameter once, but {theirs}={arch[theirs]!r} and '
                f'{ours}={arch[ours]!r} are the same one'
            )
    values = dict(arch)
    if 'bot_mul' in arch:
        multiplier = arch['bot_mul']
        if not is_real(multiplier) or multiplier <= 0:
            raise ValueError(f'bot_mul must be a positive number, but bot_mul={multiplier!r}')
        values['bot_mul'] = 1 / multiplier
    return {_OPENMMLAB.get(name, name): value for name, value in values.items()}


def arch_of_text(text: str) -> str | dict[str, Any]:
    """Read what a person typed: a published name, or name=value pairs.

    Returns:
        The name as it is, or a dict made of the pairs.

    Raises:
        ValueError: if a value is no number, or a name is given twice.
    """
    if '=' not in text:
        return text
    values: dict[str, Any] = {}
    for pair in text.replace(' ', '').split(','):
        name, _, value = pair.partition('=')
        if name in values:
            raise ValueError(f'each parameter must be given once, but {name} is given twice')
        if name == 'block':
            values[name] = value
            continue
        try:
            values[name] = ast.literal_eval(value)
        except (SyntaxError, ValueError):
            raise ValueError(
                f'parameters must be numbers, name=value, but this is {pair!r}'
            ) from None
    return values


def parameters_of(arch: str | Mapping[str, Any]) -> dict[str, Any]:
    """Return the parameters that an ``arch`` means.

    Args:
        arch: see `architecture_of`.

    Returns:
        Keywords of `regnet_plugin.core.quantized_linear.regnet`.

    Raises:
        ValueError: if the name is not published, or an entry is unknown or missing.
    """
    given: object = arch
    if isinstance(given, str):
        return parameters(given)
    if not isinstance(given, Mapping):
        raise ValueError(
            f'arch must be a published name ({", ".join([*PUBLISHED, *FOLLOW_UPS])}) or a dict of '
            f'parameters, but arch={given!r}'
        )
    values = _our_spelling(given)
    unknown = sorted(str(name) for name in set(values) - {*_REQUIRED, *_OPTIONAL})
    missing = [name for name in _REQUIRED if name not in values]
    if unknown or missing:
        raise ValueError(
            f'arch must have {", ".join(_REQUIRED)} and may have {", ".join(_OPTIONAL)}, but '
            f'unknown: {", ".join(unknown) or "none"}; missing: {", ".join(missing) or "none"}'
        )
    return values


def architecture_of(arch: str | Mapping[str, Any], **network: Any) -> Architecture:
    """Make the architecture that a config's ``arch`` means.

    Args:
        arch: a published name such as 'regnety_4.0gf', or a dict with depth, w_0, w_a, w_m and,
            where wanted, group_width, bottleneck_ratio (1), se_ratio (0), block ('X') and
            head_width (0); OpenMMLab's w0, wa, wm, group_w and bot_mul are understood.
        **network: further keywords of `regnet_plugin.core.quantized_linear.regnet`, such as
            ``stem``; they come before those of ``arch``.

    Returns:
        The network after the group-width rule.

    Raises:
        ValueError: as `parameters_of` and `regnet` do.
    """
    return regnet(**{**parameters_of(arch), **network})
