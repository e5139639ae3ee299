"""Files beside a device model: its times, measured and predicted, as a table and as a picture."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from regnet_plugin.core.complexity import complexity
from regnet_plugin.device.measured_times import MeasuredTimes
from regnet_plugin.files import replace
from regnet_plugin.report.csv_file import write_csv
from regnet_plugin.report.drawing.plot import Column
from regnet_plugin.report.figures import predicted_plot

_COLUMNS = ('network', 'flops', 'activations', 'resolution', 'seconds', 'predicted', 'spread')


def write_fit(times: MeasuredTimes, predicted: NDArray[np.float64], model: Path) -> list[Path]:
    """Write what a device model was fitted to, beside its file.

    Args:
        times: that were measured.
        predicted: seconds of each network, predicted from the others.
        model: file of the model, ``my_laptop.json``.

    Returns:
        The paths of ``my_laptop.csv`` and ``my_laptop.png``.
    """
    counts = [
        complexity(one.architecture, one.resolution, one.num_classes) for one in times.networks
    ]
    rows = [
        (
            one.name,
            count.flops,
            count.activations,
            one.resolution,
            one.seconds,
            float(value),
            '' if np.isnan(one.spread) else one.spread,
        )
        for one, count, value in zip(times.networks, counts, predicted)
    ]
    table, picture = model.with_suffix('.csv'), model.with_suffix('.png')
    write_csv(table, _COLUMNS, rows)
    measured = 'latency' if times.step == 'inference' else 'training_step'
    columns: dict[str, Column] = {
        'network': [one.name for one in times.networks],
        measured: times.seconds,
        f'predicted_{measured}': predicted,
    }
    plot = predicted_plot('fit', {times.name: columns}, [(f'predicted_{measured}', measured)])
    replace(picture, plot.content('png'))
    return [table, picture]
