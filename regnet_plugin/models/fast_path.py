"""The fast path of a backbone: memory format, precision and compilation.

One entry of a config switches it on.
"""

from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, fields

import torch
from mmengine.device import get_device
from torch import Tensor, nn

from regnet_plugin.models.tracing import has_hooks, is_traced

# Of channels_last: where MMEngine trains on a CPU. There it is faster for every network that was
# measured, and on GPUs grouped convs may be slower.
ON_CPU = 'cpu'


@dataclass(frozen=True)
class FastPath:
    """How a network computes, whatever it computes.

    Args:
        channels_last (bool | str): Weights, and with them all feature maps within the network, with
            the channels innermost; 'cpu' for where MMEngine finds no GPU. Default: True.
        bfloat16 (bool): Convolutions in bfloat16 under autocast; weights, running statistics and
            outputs stay float32. Default: True.
        compile (bool): Compile the network with ``torch.compile`` at the first batch of each kind.
            Default: True.
    """

    channels_last: bool | str = True
    bfloat16: bool = True
    compile: bool = True

    @classmethod
    def from_config(cls, value: object) -> 'FastPath':
        """Return what a config's ``fast_path`` means.

        Args:
            value: False for none of it, True for all, a dict for all but what it switches off.

        Raises:
            ValueError: if it is something else.
        """
        known = [field.name for field in fields(cls)]
        values = dict.fromkeys(known, value) if isinstance(value, bool) else value
        if isinstance(values, dict) and set(values) <= set(known):
            if all(
                isinstance(switch, bool) or (name, switch) == ('channels_last', ON_CPU)
                for name, switch in values.items()
            ):
                return cls(**values)
        raise ValueError(
            f'fast_path must be True, False or a dict of {", ".join(known)} with True or False, or '
            f"channels_last='{ON_CPU}', but fast_path={value!r}"
        )

    @property
    def is_off(self) -> bool:
        """Whether a network computes as it would without a fast path."""
        return not (self.channels_last or self.bfloat16 or self.compile)

    def check(self, *, deformable: bool, checkpointed: bool) -> None:
        """Refuse a network that does not go with it.

        Raises:
            ValueError: for deformable convs, which mmcv computes wrongly with the channels
                innermost and not in bfloat16; for gradient checkpointing where the network is
                compiled.
        """
        if deformable and not self.is_off:
            raise ValueError(f'dcn and fast_path exclude each other, but fast_path={self}')
        if checkpointed and self.compile:
            raise ValueError(
                f'with_cp goes with fast_path only where it does not compile, but fast_path={self}'
            )

    def prepare(self, network: nn.Module) -> None:
        """Change a network in place, before its first use and before it is wrapped."""
        if self.channels_last is True or (self.channels_last == ON_CPU and get_device() == 'cpu'):
            # torch's annotations know no memory format of a module.
            network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        if self.compile:
            network.compile()

    def is_set_aside(self, network: nn.Module, x: Tensor) -> bool:
        """Whether a network computes without it, in float32 and layer by layer.

        That is where it is traced, or hooks look into it. A compiled network cannot be traced, and
        does not call hooks that came after it was compiled; and what looks into a network, such as
        Grad-CAM, expects float32.
        """
        if self.is_off:
            return False
        traced = is_traced(x)
        if torch.compiler.is_compiling() and not traced:
            return False  # what is being compiled was asked before
        return traced or has_hooks(network)

    def released(self, maps: Sequence[Tensor]) -> tuple[Tensor, ...]:
        """Return maps as they would leave a network without it: float32, the channels outermost.

        Ops of mmcv, such as RoIAlign, read any map as if it were so, and give wrong numbers else.
        """
        if self.bfloat16:
            maps = [each.float() for each in maps]
        return tuple(each.contiguous() for each in maps) if self.channels_last else tuple(maps)

    def precision(self, x: Tensor) -> AbstractContextManager[object]:
        """Return the context in which a batch is computed.

        Without bfloat16, or on the meta device, it changes nothing.
        """
        if self.bfloat16 and x.device.type != 'meta':
            return torch.autocast(x.device.type, torch.bfloat16)
        return nullcontext()
