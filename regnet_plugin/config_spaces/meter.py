"""What operators do, seen where PyTorch calls them, whatever layer asked for it."""

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils._python_dispatch import TorchDispatchMode

from regnet_plugin.cli.errors import in_one_line
from regnet_plugin.models.module_complexity import OnMeta

_aten = torch.ops.aten
_NORMALIZATIONS = (
    _aten.native_batch_norm,
    _aten._native_batch_norm_legit_no_training,
    _aten.native_layer_norm,
    _aten.native_group_norm,
)
# Operators whose outputs have the form of what they are given. PyTorch finds that out by way of
# many others, which would take most of the time of a count.
_AS_GIVEN = (_aten.gelu, _aten.relu, _aten.sigmoid, _aten.silu, _aten.hardswish)
# What is said where an operator would need values.
_WITHOUT_VALUES = ('meta', 'Meta', 'must be a CPU tensor', 'not implemented for', '.item()')


# What parts of a model raise that do not fit together, or are asked for what they cannot do.
OF_MODELS = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    ImportError,
    LookupError,
    RuntimeError,
    TypeError,
    ValueError,
)


class CannotCount(ValueError):
    """A network cannot be built, or not be run without values."""


class Meter(TorchDispatchMode):
    """Adds up what the operators within it do for one image."""

    def __init__(self) -> None:
        super().__init__()
        self.flops = self.attention = self.normalization = 0
        self.activations = self.other_outputs = 0
        self.last = ''  # operator that was begun
        self._unbiased = False  # whether the last product was a linear layer's, before its bias

    def __torch_dispatch__(
        self,
        func: Any,
        types: Sequence[type],
        args: Sequence[Any] = (),
        kwargs: Mapping[str, Any] | None = None,
    ) -> Any:
        """Call an operator, and count it."""
        self.last = str(func)
        kind = func.overloadpacket
        output = _output_form(kind, args)
        if output is None:
            output = func(*args, **(kwargs or {}))
        if kind is _aten.convolution:
            self._conv(args, output)
        elif kind is _aten.addmm:
            self._linear(output, args[1], biased=True)
        elif kind is _aten.mm:
            self._linear(output, args[0], biased=False)
        elif self._unbiased and kind in (_aten.view, _aten._unsafe_view):
            return output
        elif self._unbiased and kind in (_aten.add, _aten.add_) and _is_bias(args[1], output):
            self.flops += output.numel()
        elif kind in (_aten.bmm, _aten.baddbmm):
            self._attend(output.numel() * args[-2 if kind is _aten.bmm else 1].shape[-1])
        elif 'scaled_dot_product' in kind.__name__:
            queries, keys, values = args[:3]
            scores = queries.shape[:-1].numel() * keys.shape[-2]
            self._attend(scores * (queries.shape[-1] + values.shape[-1]))
        elif kind in _NORMALIZATIONS:
            self.normalization += args[0].numel()
        elif kind is _aten.max_pool2d_with_indices:
            self.other_outputs += output[0].numel()
        self._unbiased = kind is _aten.mm
        return output

    def output_of(self, part: nn.Module, *given: Any, **named: Any) -> Any:
        """Run a part of a model, count it, and return what it gives.

        Raises:
            CannotCount: if it cannot be run.
        """
        try:
            with torch.no_grad(), self, OnMeta():
                return part(*given, **named)
        except CannotCount:
            raise
        except OF_MODELS as error:
            raise CannotCount(_reason(error, self.last)) from error

    def _conv(self, args: Sequence[Any], output: Tensor) -> None:
        image, weight, bias, *_, transposed, _, _ = args[:9]
        products = image.numel() if transposed else output.numel()
        self.flops += products * weight[0].numel() + (0 if bias is None else output.numel())
        self.activations += output.numel()

    def _linear(self, output: Tensor, given: Tensor, *, biased: bool) -> None:
        self.flops += output.numel() * (given.shape[-1] + biased)
        if output.shape[0] == 1:  # a row per image: there is one image
            self.other_outputs += output.numel()
        else:
            self.activations += output.numel()

    def _attend(self, products: int) -> None:
        self.flops += products
        self.attention += products


def _is_bias(added: Any, output: Tensor) -> bool:
    """Whether what is added to a product is a bias: of rows that are not contiguous it is extra."""
    return isinstance(added, Tensor) and added.shape == output.shape[-1:]


def _output_form(kind: Any, args: Sequence[Any]) -> Any:
    """The outputs of an operator on the meta device; None where PyTorch is to tell, or refuse."""
    given = args[0] if args else None
    if not isinstance(given, Tensor) or not given.is_meta:
        return None
    if kind in _AS_GIVEN:
        return torch.empty_like(given)
    if kind is _aten.addmm and args[1].shape[1] == args[2].shape[0]:
        return given.new_empty(args[1].shape[0], args[2].shape[1])
    # Statistics of a normalization are for nobody without training.
    if kind is _aten.native_batch_norm:
        return torch.empty_like(given), given.new_empty(0), given.new_empty(0)
    if kind is _aten.native_layer_norm and given.shape[-len(args[1]) :] == torch.Size(args[1]):
        return given.new_empty(given.shape), given.new_empty(0), given.new_empty(0)
    return None


def _reason(error: Exception, last: str) -> str:
    said = in_one_line(error)
    if isinstance(error, NotImplementedError) or any(word in said for word in _WITHOUT_VALUES):
        return (
            f'a network must be one that runs without values, on the meta device, but {last} needs '
            f'them: {type(error).__name__}: {said}'
        )
    return (
        f'a network must take an image, but {type(error).__name__}: {said} (after {last or "none"})'
    )
