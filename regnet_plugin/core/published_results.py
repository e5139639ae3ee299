"""What the paper prints of trained networks: figures 15 and 16, tables 2 to 4.

The numbers are the paper's, rounded as printed, and none is measured here; `published` has the
parameters of the RegNets. Two misprints of table 3 are corrected, see `PublishedResult.note`. Flops
and parameters of the EfficientNets are printed as in the work that introduced them; for B2 to B5
they differ from exact counts by up to 5%.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class PublishedResult:
    """A row of a table of the paper.

    Attributes:
        table: where it is printed, such as 'table 3a'; one of `TABLES`.
        group: rows that the table puts together, counted from 1: by activations in table 3a,
            by flops in tables 3b and 4; 1 elsewhere.
        name: of the network, such as 'RegNetX-3.2GF' or 'ResNet-50'.
        flops: multiply-adds for one image; printed in billions.
        parameters: printed in millions; None where the paper has none.
        activations: outputs of conv layers for one image; printed in millions; of
            RegNets and in tables 3 and 4.
        batch_size: images on 8 GPUs; None where the paper has none.
        inference_ms: milliseconds for 64 images on an NVIDIA V100; where there
            are activations.
        training_hours: 100 epochs on 8 GPUs; where there are activations.
        error: top-1 error on ImageNet in percent: the mean of 5 trainings of 100 epochs by
            the authors, without enhancements; in table 2, but for RegNets, as originally reported.
        deviation: standard deviation over the 5 trainings; None where the error
            is as reported.
        original_error: as originally reported, where the table has both.
        note: what is corrected, or known besides; mostly empty.
    """

    table: str
    group: int
    name: str
    flops: int
    parameters: int | None
    activations: int | None
    batch_size: int | None
    inference_ms: float | None
    training_hours: float | None
    error: float
    deviation: float | None
    original_error: float | None
    note: str = ''

    @property
    def as_reported(self) -> bool:
        """Whether the error is as originally reported by others, with a training of their own."""
        return self.deviation is None


# Flops in B, parameters and activations in M, batch, inference in ms, training in hours, error and
# its deviation, error as originally reported.
_NETWORKS = {
    'RegNetX-200MF': (0.2, 2.7, 2.2, 1024, 10, 2.8, 31.1, 0.09, None),  # figure 15
    'RegNetX-400MF': (0.4, 5.2, 3.1, 1024, 15, 3.9, 27.3, 0.15, None),
    'RegNetX-600MF': (0.6, 6.2, 4.0, 1024, 17, 4.4, 25.9, 0.03, None),
    'RegNetX-800MF': (0.8, 7.3, 5.1, 1024, 21, 5.7, 24.8, 0.09, None),
    'RegNetX-1.6GF': (1.6, 9.2, 7.9, 1024, 33, 8.7, 23.0, 0.13, None),
    'RegNetX-3.2GF': (3.2, 15.3, 11.4, 512, 57, 14.3, 21.7, 0.08, None),
    'RegNetX-4.0GF': (4.0, 22.1, 12.2, 512, 69, 17.1, 21.4, 0.19, None),
    'RegNetX-6.4GF': (6.5, 26.2, 16.4, 512, 92, 23.5, 20.8, 0.07, None),
    'RegNetX-8.0GF': (8.0, 39.6, 14.1, 512, 94, 22.6, 20.7, 0.07, None),
    'RegNetX-12GF': (12.1, 46.1, 21.4, 512, 137, 32.9, 20.3, 0.04, None),
    'RegNetX-16GF': (15.9, 54.3, 25.5, 512, 168, 39.7, 20.0, 0.11, None),
    'RegNetX-32GF': (31.7, 107.8, 36.3, 256, 318, 76.9, 19.5, 0.12, None),
    'RegNetY-200MF': (0.2, 3.2, 2.2, 1024, 11, 3.1, 29.6, 0.11, None),  # figure 16
    'RegNetY-400MF': (0.4, 4.3, 3.9, 1024, 19, 5.1, 25.9, 0.16, None),
    'RegNetY-600MF': (0.6, 6.1, 4.3, 1024, 19, 5.2, 24.5, 0.07, None),
    'RegNetY-800MF': (0.8, 6.3, 5.2, 1024, 22, 6.0, 23.7, 0.03, None),
    'RegNetY-1.6GF': (1.6, 11.2, 8.0, 1024, 39, 10.1, 22.0, 0.08, None),
    'RegNetY-3.2GF': (3.2, 19.4, 11.3, 512, 67, 16.5, 21.0, 0.05, None),
    'RegNetY-4.0GF': (4.0, 20.6, 12.3, 512, 68, 16.8, 20.6, 0.08, None),
    'RegNetY-6.4GF': (6.4, 30.6, 16.4, 512, 104, 26.1, 20.1, 0.04, None),
    'RegNetY-8.0GF': (8.0, 39.2, 18.0, 512, 113, 28.1, 20.1, 0.09, None),
    'RegNetY-12GF': (12.1, 51.8, 21.4, 512, 150, 36.0, 19.7, 0.06, None),
    'RegNetY-16GF': (15.9, 83.6, 23.0, 512, 189, 45.6, 19.6, 0.16, None),
    'RegNetY-32GF': (32.3, 145.0, 30.3, 256, 319, 76.0, 19.0, 0.12, None),
    'ResNet-50': (4.1, 25.6, 11.1, None, 53, 12.2, 23.2, 0.09, 23.9),  # table 3
    'ResNet-101': (7.8, 44.5, 16.2, None, 90, 20.4, 21.4, 0.11, 22.0),
    'ResNet-152': (11.5, 60.2, 22.6, None, 130, 29.2, 20.9, 0.12, 21.6),
    'ResNeXt-50': (4.2, 25.0, 14.4, None, 78, 18.0, 21.9, 0.10, 22.2),
    'ResNeXt-101': (8.0, 44.2, 21.2, None, 137, 31.8, 20.7, 0.08, 21.2),
    'ResNeXt-152': (11.7, 60.0, 29.7, None, 197, 45.7, 20.4, 0.06, 21.1),
    'EfficientNet-B0': (0.4, 5.3, 6.7, 256, 34, 11.7, 24.9, 0.03, 23.7),  # table 4
    'EfficientNet-B1': (0.7, 7.8, 10.9, 256, 52, 15.6, 24.1, 0.16, 21.2),
    'EfficientNet-B2': (1.0, 9.2, 13.8, 256, 68, 18.4, 23.4, 0.06, 20.2),
    'EfficientNet-B3': (1.8, 12.0, 23.8, 256, 114, 32.1, 22.5, 0.05, 18.9),
    'EfficientNet-B4': (4.2, 19.0, 48.5, 128, 240, 65.1, 21.2, 0.06, 17.4),
    'EfficientNet-B5': (9.9, 30.0, 98.9, 64, 504, 135.1, 21.5, 0.11, 16.7),
}

# Table 2: flops in B, parameters in M, error as originally reported.
_OTHERS = {
    'MobileNet': (0.57, 4.2, 29.4),
    'MobileNet-V2': (0.59, 6.9, 25.3),
    'ShuffleNet': (0.52, None, 26.3),
    'ShuffleNet-V2': (0.59, None, 25.1),
    'NASNet-A': (0.56, 5.3, 26.0),
    'AmoebaNet-C': (0.57, 6.4, 24.3),
    'PNASNet-5': (0.59, 5.1, 25.8),
    'DARTS': (0.57, 4.7, 26.7),
}

_NOTES = {
    'ResNet-50': 'parameters are printed as 22.6 M, a misprint: the network has 25,557,032',
    'ResNet-101': 'parameters are printed as 44.6 M, a misprint: the network has 44,549,160',
    'RegNetY-16GF': "the batch is the paper's; the checkpoint that the authors released was "
    'trained with 256',
}

_GROUPS = {
    'figure 15': (tuple(name for name in _NETWORKS if name.startswith('RegNetX')),),
    'figure 16': (tuple(name for name in _NETWORKS if name.startswith('RegNetY')),),
    'table 2': ((*_OTHERS, 'RegNetX-600MF', 'RegNetY-600MF'),),
    'table 3a': (
        ('ResNet-50', 'RegNetX-3.2GF'),
        ('ResNeXt-50', 'ResNet-101', 'RegNetX-6.4GF'),
        ('ResNeXt-101', 'ResNet-152', 'RegNetX-12GF'),
    ),
    'table 3b': (
        ('ResNet-50', 'ResNeXt-50', 'RegNetX-4.0GF'),
        ('ResNet-101', 'ResNeXt-101', 'RegNetX-8.0GF'),
        ('ResNet-152', 'ResNeXt-152', 'RegNetX-12GF'),
    ),
    'table 4': (
        ('EfficientNet-B0', 'RegNetY-400MF'),
        ('EfficientNet-B1', 'RegNetY-600MF'),
        ('EfficientNet-B2', 'RegNetY-800MF'),
        ('EfficientNet-B3', 'RegNetY-1.6GF'),
        ('EfficientNet-B4', 'RegNetY-4.0GF'),
        ('EfficientNet-B5', 'RegNetY-8.0GF'),
    ),
}
TABLES = tuple(_GROUPS)


def published_results(table: str) -> tuple[PublishedResult, ...]:
    """Return the rows of a table of the paper, or of the table inside a figure, in its order.

    Args:
        table: of `TABLES`, such as 'table 3a'.

    Returns:
        The groups one after the other.

    Raises:
        ValueError: if there is no such table, or its numbers are not kept (1, 5, 6 and 7).
    """
    if table not in _GROUPS:
        raise ValueError(f'table must be one of {", ".join(TABLES)}, but table={table!r}')
    return tuple(
        _result(table, group, name)
        for group, names in enumerate(_GROUPS[table], 1)
        for name in names
    )


def _result(table: str, group: int, name: str) -> PublishedResult:
    """The row of a network; those of others have flops, parameters and an error only."""
    note = _NOTES.get(name, '')
    if name in _OTHERS:
        flops, parameters, error = _OTHERS[name]
        return PublishedResult(
            table=table,
            group=group,
            name=name,
            flops=_whole(flops, 1e9),
            parameters=None if parameters is None else _whole(parameters, 1e6),
            activations=None,
            batch_size=None,
            inference_ms=None,
            training_hours=None,
            error=error,
            deviation=None,
            original_error=None,
            note=note,
        )
    row = _NETWORKS[name]
    flops, parameters, activations, batch, inference, hours, error, deviation, original = row
    return PublishedResult(
        table=table,
        group=group,
        name=name,
        flops=_whole(flops, 1e9),
        parameters=_whole(parameters, 1e6),
        activations=_whole(activations, 1e6),
        batch_size=batch,
        inference_ms=inference,
        training_hours=hours,
        error=error,
        deviation=deviation,
        original_error=original,
        note=note,
    )


def _whole(printed: float, unit: float) -> int:
    """The number that is printed in a unit such as 10^9."""
    return round(printed * unit)
