"""Whether a network is being traced: by torch.fx, torch.jit or torch.export, which see plain layers
only.
"""

import torch
from torch.fx import Proxy

_is_exporting = getattr(torch.compiler, 'is_exporting', lambda: False)  # of newer versions


def is_traced(x) -> bool:
    """Whether what a network is given, or what runs it, is none of a computation but of a trace of
    one.
    """
    return isinstance(x, Proxy) or torch.jit.is_tracing() or _is_exporting()


def has_hooks(network: torch.nn.Module) -> bool:
    """Whether somebody looks at what happens inside, such as Grad-CAM."""
    return any(
        module._forward_hooks
        or module._forward_pre_hooks
        or module._backward_hooks
        or module._backward_pre_hooks
        for module in network.modules()
    )
