"""Some of the weights of a file, asked for by name, and what is said of the others."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import torch
from torch import nn

from regnet_plugin.weights.matching import check_weights

Weights = Mapping[str, torch.Tensor]

# What the PEFT library puts into the names of layers beside which it trains others.
_BASE_LAYER = '.base_layer.'
# How torch.nn.utils.prune keeps a weight that it prunes.
_ORIGINAL, _MASK = '_orig', '_mask'


@dataclass(frozen=True)
class PartialWeights:
    """What is loaded.

    Attributes:
        weights: by the network's names.
        kept: names in the network that stay as they are.
        left_over: names in the file that are not loaded.
    """

    weights: dict[str, torch.Tensor]
    kept: tuple[str, ...]
    left_over: tuple[str, ...]

    def __str__(self) -> str:
        """In one line, by parts of the network."""
        total = len(self.weights) + len(self.kept)
        return (
            f'{len(self.weights)} of {total} tensors are loaded ({_parts(self.weights)}), '
            f'{len(self.kept)} stay as they were ({_parts(self.kept)}), {len(self.left_over)} of '
            f'the file are left over ({_parts(self.left_over)})'
        )


def _parts(names: Iterable[str]) -> str:
    """The parts that names are of, with their numbers."""
    counts = Counter(name.partition('.')[0] for name in names)
    return ', '.join(f'{part}: {count}' for part, count in counts.items()) or 'none'


def check_partial(partial: object) -> None:
    """Refuse what does not say which parts are loaded.

    Raises:
        ValueError: if it is neither None, nor True, nor a list of names.
    """
    if partial is None or partial is True:
        return
    if not isinstance(partial, (list, tuple)) or not partial:
        partial_names: list[object] = [None]
    else:
        partial_names = list(partial)
    if not all(isinstance(name, str) and name for name in partial_names):
        raise ValueError(
            "partial must be True, for all that fits, or a list of parts such as ['conv1', "
            f"'layer1', 'layer2.0'], but partial={partial!r}"
        )


def partial_weights(
    network: nn.Module, weights: Weights, partial: bool | list[str] | tuple[str, ...]
) -> PartialWeights:
    """Choose what is loaded.

    Args:
        network: a backbone of ours.
        weights: of a backbone, by its names.
        partial: True for each tensor that is there with the shape that the network has; else parts
            of the network, such as 'conv1', 'layer2' or 'layer3.0', each of which must be there as
            a whole; what the file has more of it, such as blocks, is left over.

    Raises:
        ValueError: for a part that the network has not, or that is not there as a whole; if
            nothing can be loaded.
    """
    weights = _plain(weights)
    own = network.state_dict()
    if partial is True:
        chosen = {name: value for name, value in weights.items() if _fits(value, own.get(name))}
    else:
        chosen = {}
        for part in partial if isinstance(partial, (list, tuple)) else ():
            chosen.update(_of_part(network, weights, part))
    if not chosen:
        raise ValueError(
            'some weights must be those of the network, but of '
            f'{len(weights)} none has name and shape, first {next(iter(weights), "none")}'
        )
    kept = tuple(name for name in own if name not in chosen)
    return PartialWeights(chosen, kept, tuple(name for name in weights if name not in chosen))


def _fits(value: torch.Tensor, own: torch.Tensor | None) -> bool:
    if own is None or value.shape != own.shape:
        return False
    return value.is_floating_point() or not own.is_floating_point()


def _of_part(network: nn.Module, weights: Weights, part: str) -> dict[str, torch.Tensor]:
    """The tensors of one part, all of them."""
    part = part.rstrip('.')
    modules = dict(network.named_modules())
    if part not in modules or not modules[part].state_dict():
        parts = [name for name, child in network.named_children() if child.state_dict()]
        raise ValueError(
            f'partial must name parts of the network ({", ".join(parts)}, or blocks such as '
            f'layer1.0), but {part!r} is none'
        )
    prefix, own = f'{part}.', network.state_dict()
    found = {
        name: value for name, value in weights.items() if name.startswith(prefix) and name in own
    }
    check_weights(modules[part], found, prefix)
    return found


def _plain(weights: Weights) -> dict[str, torch.Tensor]:
    """Weights as before something was trained beside them, or with what was pruned at 0."""
    plain = {name.replace(_BASE_LAYER, '.'): value for name, value in weights.items()}
    for name in [name for name in plain if name.endswith(_ORIGINAL)]:
        stem = name.removesuffix(_ORIGINAL)
        if stem + _MASK in plain and stem not in plain:
            plain[stem] = plain.pop(name) * plain.pop(stem + _MASK)
    return plain
