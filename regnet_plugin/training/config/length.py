"""How long a training is, in epochs and in iterations, and which setting says so."""

from dataclasses import dataclass

from mmengine.config import Config

_BY_EPOCHS, _BY_ITERATIONS = 'train_cfg.max_epochs', 'train_cfg.max_iters'


@dataclass(frozen=True)
class Length:
    """How long a training is.

    Attributes:
        setting: of the config that says it, 'train_cfg.max_epochs' or 'train_cfg.max_iters'.
        epochs, iterations: None where only the data tells.
    """

    setting: str
    epochs: int | None
    iterations: int | None

    @classmethod
    def of(cls, config: Config, batches: int | None = None) -> 'Length':
        """Read the length of a config's training.

        Args:
            config: of a training.
            batches: of an epoch. Default: None, not known.
        """
        loop = config.get('train_cfg') or {}
        if loop.get('by_epoch', True) and 'max_iters' not in loop:
            epochs: int | None = loop.get('max_epochs')
            iterations = None if epochs is None or batches is None else epochs * batches
            return cls(_BY_EPOCHS, epochs, iterations)
        # To MMEngine a loop of iterations is one epoch.
        return cls(_BY_ITERATIONS, 1, loop.get('max_iters'))

    @property
    def by_epoch(self) -> bool:
        """Whether the config says it in epochs."""
        return self.setting == _BY_EPOCHS

    def in_units(self, by_epoch: bool) -> int | None:
        """Return the number of epochs, or else of iterations."""
        return self.epochs if by_epoch else self.iterations

    def text(self, by_epoch: bool) -> str:
        """Say it in epochs or iterations, with the setting.

        Returns:
            'train_cfg.max_epochs=12', '240 iterations in train_cfg.max_epochs=12'.
        """
        value = self.in_units(by_epoch)
        if by_epoch == self.by_epoch:
            return f'{self.setting}={value}'
        unit = 'epoch' if by_epoch else 'iterations'  # a training by iterations is one epoch
        return f'{value} {unit} in {self.setting}={self.in_units(self.by_epoch)}'
