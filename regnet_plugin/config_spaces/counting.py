"""What any network of a config costs, counted as it runs on the meta device.

Every product is seen where PyTorch does it, whatever layer asked for it. The conventions:

flops           multiply-adds of convs, linear layers and attention, and a bias once per output, as
                `regnet_plugin.core.complexity` has them. ``attention`` is the share of products of
                two activations (queries with keys, weights with values): papers of transformers
                count it, mmengine's older counter did not. Normalization, activation functions,
                additions and pooling are free; what normalization would add, a multiply-add per
                normalized element, is ``normalization``.
parameters      learnable scalars of the whole model.
activations     elements of the outputs of convs, and of linear layers on maps or tokens, which are
                1x1 convs by another name. A linear layer that has one row per image, as a
                classifier has, adds to ``activations_with_classifier`` only. What attention weighs
                (queries x keys) is no output of a layer, and is left out.
"""

import inspect
from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

import torch
from mmengine.config import Config
from mmengine.logging import MMLogger
from mmengine.registry import MODELS, DefaultScope
from torch import Tensor, nn
from torch.utils._python_dispatch import TorchDispatchMode

from regnet_plugin.cli.errors import in_one_line
from regnet_plugin.core.complexity import Complexity
from regnet_plugin.models.module_complexity import OnMeta

_aten = torch.ops.aten
_NORMALIZATIONS = (
    _aten.native_batch_norm,
    _aten._native_batch_norm_legit_no_training,
    _aten.native_layer_norm,
    _aten.native_group_norm,
)
# What is said where an operator would need values.
_WITHOUT_VALUES = ('meta', 'Meta', 'must be a CPU tensor', 'not implemented for', '.item()')


class CannotCount(ValueError):
    """A network cannot be built, or not be run without values."""


@dataclass(frozen=True)
class NetworkCounts:
    """What a network costs, for one image.

    Attributes:
        complexity: flops, parameters, activations.
        attention: flops that are products of two activations, of the flops above.
        normalization: elements that are normalized; not among the flops.
    """

    complexity: Complexity
    attention: int
    normalization: int


class Meter(TorchDispatchMode):
    """Adds up what the operators within it do for one image."""

    def __init__(self) -> None:
        super().__init__()
        self.flops = self.attention = self.normalization = 0
        self.activations = self.other_outputs = 0
        self.last = ''  # operator that was begun

    def __torch_dispatch__(
        self,
        func: Any,
        types: Sequence[type],
        args: Sequence[Any] = (),
        kwargs: Mapping[str, Any] | None = None,
    ) -> Any:
        """Call an operator, and count it."""
        self.last = str(func)
        output = func(*args, **(kwargs or {}))
        kind = func.overloadpacket
        if kind is _aten.convolution:
            self._conv(args, output)
        elif kind is _aten.addmm:
            self._linear(output, args[1], biased=True)
        elif kind is _aten.mm:
            self._linear(output, args[0], biased=False)
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
        return output

    def output_of(self, part: nn.Module, *given: Any, **named: Any) -> Any:
        """Run a part of a model, count it, and return what it gives.

        Raises:
            CannotCount: if it cannot be run.
        """
        try:
            with torch.no_grad(), self, OnMeta():
                return part(*given, **named)
        except Exception as error:  # whatever layers raise
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


def build_on_meta(config: Config) -> nn.Module:
    """Build the model of a config without memory.

    Raises:
        CannotCount: if it cannot be built.
    """
    described = deepcopy(config.model)
    described.pop('data_preprocessor', None)
    with _Quiet():
        try:
            with DefaultScope.overwrite_default_scope(config.get('default_scope')), OnMeta():
                model: nn.Module = MODELS.build(described)
            return model.to('meta').eval() or model
        except Exception as error:  # whatever parts of the model raise when they are built
            raise CannotCount(
                f'a network must be one that can be built, but {type(error).__name__}: '
                f'{in_one_line(error)}'
            ) from error


def image_for(config: Config, resolution: int) -> Tensor:
    """Return a batch of one image for the model of a config, without values."""
    backbone = config.model.get('backbone')
    channels = backbone.get('in_channels', 3) if isinstance(backbone, dict) else 3
    return torch.empty(1, channels, resolution, resolution, device='meta')


def run_metered(meter: Meter, model: nn.Module, image: Tensor) -> NetworkCounts:
    """Run a model, and return what it costs together with what was metered before.

    Args:
        meter: that has counted nothing, or parts of the model that give their outputs at once.
        model: on the meta device: of OpenMMLab, which is run in the mode 'tensor', or any module.
        image: a batch of one.

    Raises:
        CannotCount: if it cannot be run, such as for want of an operator that does without values.
    """
    of_mmengine: dict[str, Any] = {}
    if hasattr(model, 'data_preprocessor'):
        of_mmengine['mode'] = 'tensor'
        if 'data_samples' in inspect.signature(model.forward).parameters:
            of_mmengine['data_samples'] = None  # mmpose's has no default
    meter.output_of(model, image, **of_mmengine)
    counts = Complexity(
        flops=meter.flops,
        parameters=sum(parameter.numel() for parameter in model.parameters()),
        activations=meter.activations,
        activations_with_classifier=meter.activations + meter.other_outputs,
    )
    return NetworkCounts(counts, meter.attention, meter.normalization)


def count_network(config: Config, resolution: int) -> NetworkCounts:
    """Count the model of a config as it stands.

    Args:
        config: of a classifier of mmpretrain, a detector of mmdet, or any model of MMEngine's that
            takes images in the mode 'tensor'; it is not changed.
        resolution: side of the image.

    Raises:
        CannotCount: if it cannot be built, or be run without values.
    """
    return run_metered(Meter(), build_on_meta(config), image_for(config, resolution))


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


class _Quiet:
    """Within it, OpenMMLab does not tell what it finds in each model that is built."""

    def __enter__(self) -> None:
        self._logger = MMLogger.get_current_instance()
        self._before = self._logger.level
        self._logger.setLevel('ERROR')

    def __exit__(self, *_: Any) -> None:
        self._logger.setLevel(self._before)
