"""The fast path of a backbone: memory format, precision and compilation, switched on by one entry
of a config.
"""

from contextlib import nullcontext
from dataclasses import dataclass, fields

import torch

from regnet_plugin.models.tracing import has_hooks, is_traced


@dataclass(frozen=True)
class FastPath:
    """How a network computes, whatever it computes.

    Args:
        channels_last (bool): Weights, and with them all feature maps, with the channels innermost.
            Default: True.
        bfloat16 (bool): Convolutions in bfloat16 under autocast; weights, running statistics and
            outputs stay float32. Default: True.
        compile (bool): Compile the network with ``torch.compile`` at the first batch of each kind.
            Default: True.
    """

    channels_last: bool = True
    bfloat16: bool = True
    compile: bool = True

    @classmethod
    def from_config(cls, value):
        """Return what a config's ``fast_path`` means.

        Args:
            value (bool | dict): False for none of it, True for all, a dict for all but what it
                switches off.

        Raises:
            ValueError: if it is something else.
        """
        known = [field.name for field in fields(cls)]
        values = dict.fromkeys(known, value) if isinstance(value, bool) else value
        if (
            not isinstance(values, dict)
            or not set(values) <= set(known)
            or set(map(type, values.values())) - {bool}
        ):
            raise ValueError(
                f'fast_path must be True, False or a dict of {", ".join(known)} with True or '
                'False, but '
                f'fast_path={value!r}'
            )
        return cls(**values)

    def check(self, *, deformable, checkpointed):
        """Refuse a network that does not go with it.

        Raises:
            ValueError: for deformable convs, which mmcv computes wrongly with the channels
                innermost and not in bfloat16; for gradient checkpointing where the network is
                compiled.
        """
        if deformable and self != FastPath(False, False, False):
            raise ValueError(f'dcn and fast_path exclude each other, but fast_path={self}')
        if checkpointed and self.compile:
            raise ValueError(
                f'with_cp goes with fast_path only where it does not compile, but fast_path={self}'
            )

    def prepare(self, network):
        """Change a network in place before its first use, and before it is wrapped for several
        processes.
        """
        if self.channels_last:
            network.to(memory_format=torch.channels_last)
        if self.compile:
            network.compile()

    def is_set_aside(self, network, x):
        """Whether a network computes without it, in float32 and layer by layer: where it is traced,
        or hooks look into it.

        A compiled network cannot be traced, and does not call hooks that came after it was
        compiled; and what looks into a network, such as Grad-CAM, expects float32.
        """
        if (
            self == FastPath(False, False, False)
            or torch.compiler.is_compiling()
            and not is_traced(x)
        ):
            return False  # what is being compiled was asked before
        return is_traced(x) or has_hooks(network)

    def precision(self, x):
        """Return the context in which a batch like ``x`` is computed; without bfloat16, or on meta,
        it changes nothing.
        """
        casts = self.bfloat16 and x.device.type != 'meta'
        return torch.autocast(x.device.type, torch.bfloat16) if casts else nullcontext()
