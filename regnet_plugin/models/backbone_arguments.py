"""The arguments of a backbone that are no architecture: read, or refused in one line."""

from collections.abc import Mapping
from typing import Any

from regnet_plugin.core.number_checks import is_count, is_real


def refuse_unknown(name: str, unknown: Mapping[str, Any]) -> None:
    """Refuse arguments that a backbone of this name does not have, and say what to do."""
    others = dict(unknown)
    pretrained = others.pop('pretrained', None)
    if pretrained is not None:
        raise ValueError(
            "pretrained must be said as init_cfg=dict(type='Pretrained', "
            f'checkpoint={pretrained!r}); where a base has model.pretrained, as in mmsegmentation, '
            'model=dict(pretrained=None) takes it out'
        )
    if others:
        said = ', '.join(f'{argument}={value!r}' for argument, value in others.items())
        raise ValueError(
            f"arguments must be those of {name}, but {said}; what a config's base says of its own "
            'backbone stays unless ours has _delete_=True'
        )


def checked_out_indices(out_indices: object, num_stages: int) -> tuple[int, ...]:
    """Read which stages are returned: ascending numbers from 0, or None for all of them."""
    stages = range(num_stages)
    indices = stages if out_indices is None else out_indices
    if isinstance(indices, (list, tuple, range)) and indices:
        are_whole = all(type(index) is int for index in indices)
        if are_whole and list(indices) == sorted(set(indices) & set(stages)):
            return tuple(indices)
    raise ValueError(
        f'out_indices must be ascending stage numbers from 0 to {num_stages - 1}, but '
        f'out_indices={out_indices!r}'
    )


def checked_frozen_stages(frozen_stages: object, num_stages: int) -> int:
    """Read how many stages do not train, from -1; a bool is refused, too."""
    if type(frozen_stages) is int and -1 <= frozen_stages <= num_stages:
        return frozen_stages
    raise ValueError(
        f'frozen_stages must be -1 (none), 0 (stem) or up to {num_stages}, but '
        f'frozen_stages={frozen_stages!r}'
    )


def check_drop_path_rate(drop_path_rate: object) -> None:
    if not is_real(drop_path_rate) or not 0 <= drop_path_rate < 1:
        raise ValueError(
            f'drop_path_rate must be from 0 to less than 1, but drop_path_rate={drop_path_rate!r}'
        )


def check_in_channels(in_channels: object) -> None:
    if not is_count(in_channels):
        raise ValueError(
            f'in_channels must be a positive whole number, but in_channels={in_channels!r}'
        )
