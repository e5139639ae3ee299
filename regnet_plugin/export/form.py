"""What a person decides of an exported file."""

from dataclasses import dataclass

from regnet_plugin.cli.errors import UserError
from regnet_plugin.core.number_checks import is_count
from regnet_plugin.export.comparison import Shape


@dataclass(frozen=True)
class Form:
    """The form of an exported file.

    Attributes:
        shape: the one batch, height and width that it takes; None for any.
        opset: version of ONNX's operators; None for that of PyTorch's exporter.

    Raises:
        UserError: if these are no such numbers.
    """

    shape: Shape | None = None
    opset: int | None = None

    def __post_init__(self) -> None:
        shape: object = self.shape
        if shape is not None:
            is_shape = isinstance(shape, tuple) and len(shape) == 3
            if not is_shape or not all(map(is_count, self.shape or ())):
                raise UserError(
                    'a fixed shape must be batch, height and width, positive whole numbers, but it '
                    f'is {shape!r}'
                )
        if self.opset is not None and not is_count(self.opset):
            raise UserError(f'opset must be a positive whole number, but it is {self.opset!r}')
