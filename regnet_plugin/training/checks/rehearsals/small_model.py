"""A config's model with few blocks and without memory, to try what fits into what.

On the meta device tensors have shapes and no values: any model is built at once, and is run as far
as nothing asks for a value.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy

from mmengine.config import Config, ConfigDict
from mmengine.registry import MODELS, DefaultScope
from torch import nn

from regnet_plugin.cli.errors import in_one_line
from regnet_plugin.models.module_complexity import OnMeta
from regnet_plugin.training.config.entries import class_name

_DEPTH = 2  # blocks of a stage: the first one, and one that all others are as
# What is said where values, a GPU, other processes or a head's `forward` are missing.
_NOT_HERE = (
    'meta',
    'Meta',
    'must be a CPU tensor',
    'process group',
    'missing the required "forward"',
)


class CannotRunHere(Exception):
    """Nothing more can be run without values: the rehearsal ends, and says nothing of the rest."""


@contextmanager
def ends_without_values() -> Iterator[None]:
    """Tell errors that come of the meta device from those of the model.

    Raises:
        CannotRunHere: in the place of the former.
    """
    try:
        yield
    except Exception as error:  # layers each say in their own way that there are no values
        if any(symptom in str(error) for symptom in _NOT_HERE):
            raise CannotRunHere from error
        raise


def build_small(config: Config) -> nn.Module | None:
    """Build the model of a config with two blocks in each stage, on the meta device.

    Args:
        config: with an `AnyNet` as ``model.backbone``; it is not changed.

    Returns:
        None where it cannot be built there.

    Raises:
        ValueError: if the widths do not suit the model.
        Exception: whatever parts of the model raise when they are built.
    """
    described = deepcopy(config.model)
    backbone = described.get('backbone')
    if isinstance(backbone, ConfigDict) and class_name(backbone) == 'AnyNet':
        backbone.depths = [min(depth, _DEPTH) for depth in backbone.depths]
    try:
        return _build(described, config.get('default_scope'))
    except CannotRunHere:
        return None


def _build(described: ConfigDict, scope: str | None) -> nn.Module:
    try:
        with ends_without_values(), DefaultScope.overwrite_default_scope(scope), OnMeta():
            return MODELS.build(described).to('meta').eval()
    except AssertionError as error:
        raise ValueError(
            f'the model must take {_what_it_is_given(described)}, but {in_one_line(error)} fails'
        ) from error


def _what_it_is_given(described: ConfigDict) -> str:
    backbone = described.get('backbone')
    if isinstance(backbone, ConfigDict) and 'widths' in backbone:
        return f'the widths {backbone.widths} of the stages {list(backbone.out_indices)}'
    return 'its arguments'
