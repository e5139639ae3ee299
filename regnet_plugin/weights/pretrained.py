"""A backbone from pretrained weights: all of it, or an error.

MMEngine's own initialization warns of what is missing, and goes on.
"""

from typing import Any

from mmengine.model import PretrainedInit, update_init_info
from torch import nn

from regnet_plugin.weights.addresses import read_checkpoint
from regnet_plugin.weights.matching import own_weights


class Pretrained(PretrainedInit):
    """MMEngine's initialization of a backbone of ours, ``Pretrained``, that loads all or raises.

    Its config is ``dict(type='Pretrained', checkpoint=, prefix=None)``.
    """

    def __call__(self, module: nn.Module) -> None:
        """Load the weights.

        Raises:
            ValueError: in one line, if they cannot be loaded or are not of this network.
        """
        try:
            weights = own_weights(module, read_checkpoint(self.checkpoint), self.prefix)
        except ValueError as error:
            named = str(self.checkpoint) in str(error)
            raise ValueError(str(error) if named else f'{self.checkpoint}: {error}') from None
        module.load_state_dict(weights, strict=False)
        if hasattr(module, '_params_init_info'):
            update_init_info(module, init_info=f'load from {self.checkpoint}')


def with_own_pretrained(init_cfg: Any) -> Any:
    """Return an ``init_cfg`` with `Pretrained` in the place of MMEngine's class of that name.

    In a list it stands last, behind what fills the network otherwise: MMEngine initializes in this
    order, too, but knows its own class only.

    Args:
        init_cfg: a dict, a list or tuple of them, or None, as a config has it.
    """
    if isinstance(init_cfg, (list, tuple)):
        return sorted(map(with_own_pretrained, init_cfg), key=_is_pretrained)
    return dict(init_cfg, type=Pretrained) if _is_pretrained(init_cfg) else init_cfg


def _is_pretrained(init_cfg: object) -> bool:
    kind = init_cfg.get('type') if isinstance(init_cfg, dict) else None
    name = kind.rpartition('.')[2] if isinstance(kind, str) else kind  # with or without a scope
    return name in ('Pretrained', 'PretrainedInit', PretrainedInit, Pretrained)
