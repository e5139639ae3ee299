"""A backbone from pretrained weights: all of it, or what is asked for, or an error.

MMEngine's own initialization warns of what is missing, and goes on.
"""

from typing import Any

from mmengine.logging import print_log
from mmengine.model import PretrainedInit, update_init_info
from torch import Tensor, nn

from regnet_plugin.weights.addresses import read_checkpoint
from regnet_plugin.weights.matching import of_backbone, own_weights
from regnet_plugin.weights.partial import check_partial, partial_weights
from regnet_plugin.weights.published_files import SCHEMES


class Pretrained(PretrainedInit):
    """MMEngine's initialization of a backbone of ours, ``Pretrained``, that loads all or raises.

    Args:
        checkpoint (str): address or path.
        prefix (str, optional): of the names in the file. Default: None, it is found out.
        map_location (str, optional): MMEngine's; weights are read on the CPU.
        partial (bool | list[str], optional): some of the weights are loaded, and what was done is
            logged: True for all that fits, or names of parts, such as ['conv1', 'layer1',
            'layer3.0'], each of which must be there as a whole. Default: None, all or nothing.
        ema (bool, optional): whether averages of the weights are taken, where the file has both.
            Default: None, those of timm and torchvision.
    """

    def __init__(
        self,
        checkpoint: str,
        prefix: str | None = None,
        map_location: str | None = None,
        partial: bool | list[str] | None = None,
        ema: bool | None = None,
    ) -> None:
        super().__init__(checkpoint, prefix, map_location)
        check_partial(partial)
        self.partial = partial
        self.ema = ema

    def __call__(self, module: nn.Module) -> None:
        """Load the weights.

        Raises:
            ValueError: in one line, if they cannot be loaded or are not of this network.
        """
        try:
            weights = self._weights_for(module)
        except ValueError as error:
            named = str(self.checkpoint) in str(error)
            raise ValueError(str(error) if named else f'{self.checkpoint}: {error}') from None
        module.load_state_dict(weights, strict=False)
        if hasattr(module, '_params_init_info'):
            update_init_info(module, init_info=f'load from {self.checkpoint}')

    def _weights_for(self, module: nn.Module) -> dict[str, Tensor]:
        """What is loaded into a backbone, by its names."""
        weights = read_checkpoint(self.checkpoint, self.prefix, self.ema)
        is_converted = str(self.checkpoint).partition('://')[0] in SCHEMES
        prefix = None if is_converted else self.prefix
        if not self.partial:
            return own_weights(module, weights, prefix)
        own = of_backbone(module, weights, prefix)
        chosen = partial_weights(module, own, self.partial)
        print_log(f'{self.checkpoint}: {chosen}', 'current')
        return chosen.weights


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
