"""Whether a network is being traced: by torch.fx, torch.jit or torch.export.

These see plain layers only.
"""

from collections.abc import Callable

import torch
from torch import nn
from torch.fx import GraphModule, Proxy, symbolic_trace


def _never() -> bool:
    return False


# Older versions of PyTorch cannot say whether they export.
_is_exporting: Callable[[], bool] = getattr(torch.compiler, 'is_exporting', _never)


def is_traced(x: object) -> bool:
    """Whether a network is given, or run by, a trace of a computation instead of a computation."""
    return isinstance(x, Proxy) or _is_traced_by_jit() or _is_exporting()


def _is_traced_by_jit() -> bool:
    """Whether torch.jit traces; torch has not annotated what says so."""
    return bool(torch.jit.is_tracing())  # type: ignore[attr-defined, no-untyped-call]


def has_hooks(network: nn.Module) -> bool:
    """Whether somebody looks at what happens inside, such as Grad-CAM."""
    return any(
        module._forward_hooks
        or module._forward_pre_hooks
        or module._backward_hooks
        or module._backward_pre_hooks
        for module in network.modules()
    )


def plain_graph(network: nn.Module) -> GraphModule:
    """Return what a network computes as a graph of its layers, which torch.jit.script compiles.

    The layers are the network's own, under their names.
    """
    graph_module = symbolic_trace(network)
    for node in graph_module.graph.nodes:
        if node.op == 'output':
            node.type = None  # TorchScript has no tuples of any length, and finds the type out
    graph_module.recompile()
    return graph_module
