"""Where a checkpoint has its weights, and their plain names, by whoever wrote it."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

# Where libraries keep the state dict: MMEngine and Lightning, pycls, detectron2 and torchvision.
# timm's files are nothing else, and torchvision's published ones.
PLACES = ('state_dict', 'model_state', 'model')
# Where timm and torchvision keep averages of the weights; timm takes them where there are any.
_AVERAGED = ('state_dict_ema', 'model_ema')
_AVERAGED_OF_PYCLS = 'ema_state'
# Where MMEngine's EMAHook keeps the weights that are no averages: these are in ``state_dict``.
_BEHIND_AVERAGES = 'ema_state_dict'
_OUTER = 'app'  # of files that torch.distributed.checkpoint consolidates
# What PyTorch puts among names for a model that is distributed, compiled or checkpointed.
_WRAPPERS = ('module', '_orig_mod', '_fsdp_wrapped_module', '_checkpoint_wrapped_module')
_COUNTERS = ('n_averaged', 'steps')  # of averages, and no weights


class Found(NamedTuple):
    """What may be a state dict; empty where there is none.

    Attributes:
        weights: values by name.
        averaged: the place of averages that were taken since nobody said which; None if none were.
    """

    weights: Mapping[Any, Any]
    averaged: str | None = None


def state_dict_in(checkpoint: object, ema: bool | None = None) -> Found:
    """Find the state dict of a checkpoint.

    Args:
        checkpoint: what was loaded.
        ema: whether averages of the weights are wanted; None for those of timm and torchvision, and
            whatever others have as their weights.

    Raises:
        ValueError: if averages are wanted, and there are none.
    """
    if not isinstance(checkpoint, dict):
        return Found({})
    outer = checkpoint.get(_OUTER)
    return _found_in(outer if isinstance(outer, dict) else checkpoint, ema)


def _found_in(checkpoint: Mapping[Any, Any], ema: bool | None) -> Found:
    """As `state_dict_in`, of a dict."""
    if 'classy_state_dict' in checkpoint:
        return Found(_of_classy_vision(checkpoint['classy_state_dict']))
    averages = [place for place in _AVERAGED if isinstance(checkpoint.get(place), dict)]
    if averages and ema is not False:
        return Found(checkpoint[averages[0]], averages[0] if ema is None else None)
    if ema:
        return Found(_averages_of_others(checkpoint))
    if ema is False and isinstance(checkpoint.get(_BEHIND_AVERAGES), dict):
        return Found(checkpoint[_BEHIND_AVERAGES])
    for place in PLACES:
        if place in checkpoint:
            found = checkpoint[place]
            return Found(found if isinstance(found, dict) else {})
    return Found(checkpoint)


def _averages_of_others(checkpoint: Mapping[Any, Any]) -> Mapping[Any, Any]:
    """Averages as pycls and MMEngine keep them.

    Raises:
        ValueError: if there are none.
    """
    if isinstance(checkpoint.get(_AVERAGED_OF_PYCLS), dict):
        found: Mapping[Any, Any] = checkpoint[_AVERAGED_OF_PYCLS]
        return found
    if _BEHIND_AVERAGES in checkpoint and isinstance(checkpoint.get('state_dict'), dict):
        found = checkpoint['state_dict']
        return found
    places = (*_AVERAGED, _AVERAGED_OF_PYCLS, _BEHIND_AVERAGES)
    raise ValueError(
        f'with ema=True there must be averages of the weights ({", ".join(places)}), but there are '
        'none'
    )


def _of_classy_vision(state: Any) -> dict[str, Any]:
    """Trunk and classifier of ClassyVision and vissl; other heads of theirs are left out.

    Theirs are projections and prototypes of training without labels.
    """
    for key in ('base_model', 'model'):
        state = state.get(key) if isinstance(state, dict) else None
    trunk = state.get('trunk') if isinstance(state, dict) else None
    if not isinstance(trunk, dict):
        return {}
    weights = dict(trunk)
    for name, value in _flat(state.get('heads') or {}):
        layer, _, kind = name.rpartition('.')
        if layer == '0.clf.0':
            weights[f'heads.{name}'] = value
        elif layer.endswith('.fc'):
            weights[f'heads.fc.{kind}'] = value
    return weights


def _flat(nested: Mapping[Any, Any], prefix: str = '') -> Iterator[tuple[str, Any]]:
    """Yield names and values of dicts within dicts."""
    for name, value in nested.items():
        if isinstance(value, dict):
            yield from _flat(value, f'{prefix}{name}.')
        else:
            yield f'{prefix}{name}', value


def plain_name(name: object) -> str:
    """A name without what PyTorch puts around a model that it distributes, compiles or averages."""
    return '.'.join(part for part in str(name).split('.') if part not in _WRAPPERS)


def is_counter(name: str) -> bool:
    """Whether a plain name is that of a counter of averages."""
    return name in _COUNTERS
