"""Every figure of the report, made of small populations with any names."""

from functools import lru_cache

import numpy as np

from regnet_plugin.analysis import (
    best_of,
    compare_predictors,
    edf,
    empirical_bootstrap,
    explained,
    fit_activations,
    fit_latency,
    fit_parameters,
    trend,
)
from regnet_plugin.report import figures

NAMES = 'AnyNetX_A', 'RegNetX'
REGIMES = np.array([2e8, 4e8, 8e8, 1.6e9, 3.2e9, 6.4e9])


class Population:
    """n networks whose errors and parameters are drawn from a seed.

    Attributes:
        errors (np.ndarray): n errors.
        columns (dict[str, np.ndarray]): as in `Records`, and ``network``.
    """

    def __init__(self, seed, n, prefix=''):
        rng = np.random.default_rng(seed)
        self.errors = np.round(40 + rng.gamma(2, 3, n), 2)
        self.networks = [f'{prefix}{number:06d}' for number in range(n)]
        flops = 4e8 * 2 ** rng.uniform(-1, 3, n)
        self.columns = dict(
            network=self.networks,
            flops=flops,
            parameters=3e6 + 5.5e-3 * flops * rng.uniform(0.8, 1.2, n),
            activations=200 * np.sqrt(flops) * rng.uniform(0.8, 1.2, n),
            latency=1e-11 * flops * rng.uniform(0.8, 1.2, n),
            depth=rng.integers(4, 40, n),
            w_4=8 * rng.integers(1, 129, n),
            b=2.0 ** rng.integers(0, 3, n),
            w_0=8 * rng.integers(1, 32, n),
            w_a=rng.uniform(8, 256, n),
            w_m=rng.uniform(1.5, 3, n),
            lr=10 ** rng.uniform(-3, 0, n),
            weight_decay=10 ** rng.uniform(-5, -2, n),
            e_fit=rng.gamma(1, 0.1, n),
        )


def populations(names, n):
    return {name: Population(seed, n, prefix=name) for seed, name in enumerate(names)}


def joined(some, column):
    return np.concatenate([one.columns[column] for one in some.values()])


def edf_plot(names=NAMES, n=30, key='plot'):
    edfs = {name: edf(one.errors) for name, one in populations(names, n).items()}
    return figures.edf_plot(
        key, edfs, bands={name: one.band() for name, one in edfs.items()}, failed={names[0]: 3}
    )


def panels(names, n, column):
    """Panels of a parameter, a population each."""
    found = {}
    for look, (name, one) in enumerate(populations(names, n).items()):
        values = np.asarray(one.columns[column], dtype=float)
        found[name] = figures.ParameterPanel(
            look,
            values,
            one.errors,
            one.networks,
            empirical_bootstrap(values, one.errors),
            explained(values, one.errors).bins,
        )
    return found


def parameter_plot(names=NAMES, n=30, key='plot'):
    return figures.parameter_plot(key, 'w_4', panels(names, n, 'w_4'))


def forest_plot(names=NAMES, n=30, key='plot'):
    intervals = [
        figures.Interval(f'{one} - {other}', *numbers, text, is_shown)
        for one, other in (names[:2], names[1::-1])
        for numbers, text, is_shown in (
            ((-1.5, -2.5, -0.5), '-1.5 (-2.5 to -0.5)', True),
            ((0.2, np.nan, np.nan), '0.2', False),
        )
    ]
    return figures.forest_plot(key, intervals if n else [], 'difference (points)')


def trend_plot(names=NAMES, n=30, key='plot'):
    regimes = {
        name: [Population(seed, n) for seed in range(10 * place, 10 * place + len(REGIMES))]
        for place, name in enumerate(names)
    }
    return figures.trend_plot(
        key,
        {
            parameter: {
                name: trend(
                    REGIMES, [one.columns[parameter] for one in some], [one.errors for one in some]
                )
                for name, some in regimes.items()
            }
            for parameter in ('depth', 'b', 'w_m', 'w_4', 'w_a', 'w_0')
        },
    )


def complexity_plot(names=NAMES, n=30, key='plot'):
    some = populations(names, n)
    flops = joined(some, 'flops')
    fits = dict(
        activations=fit_activations(flops, joined(some, 'activations')),
        parameters=fit_parameters(flops, joined(some, 'parameters')),
        latency=fit_latency(flops, joined(some, 'latency')),
    )
    return figures.complexity_plot(key, {name: one.columns for name, one in some.items()}, fits)


def latency_plot(names=NAMES, n=30, key='plot'):
    some = populations(names, n)
    comparison = compare_predictors(
        *(joined(some, name) for name in ('flops', 'activations', 'latency'))
    )
    return figures.latency_plot(key, {name: one.columns for name, one in some.items()}, comparison)


def predicted_plot(names=NAMES, n=30, key='plot'):
    some = {name: one.columns for name, one in populations(names, n).items()}
    for columns in some.values():
        columns['predicted_latency'] = columns['latency'] * np.linspace(0.9, 1.1, n)
    return figures.predicted_plot(key, some, [('predicted_latency', 'latency')])


def choice_plot(names=NAMES, n=30, key='plot'):
    kinds = {}
    for name, one in populations(names, n).items():
        rows = zip(one.networks, one.columns['flops'], 100 - one.errors)
        kinds[name] = [
            figures.Rated(network, cost, accuracy, place % 5 == 0)
            for place, (network, cost, accuracy) in enumerate(rows)
        ]
    return figures.choice_plot(key, kinds, 'flops', 1e9)


def distribution_plot(names=NAMES, n=30, key='plot'):
    edfs = {name: edf(one.columns['flops']) for name, one in populations(names, n).items()}
    return figures.distribution_plot(key, edfs, 'flops')


def width_plot(names=NAMES, n=20, key='plot'):
    best = {
        f'{names[0]}{number}': [32] * 2 + [64] * 3 + [8 * (number + 10)] * 6 for number in range(n)
    }
    fits = {
        name: (widths, [24, 48, 96, 192] + [384] * (len(widths) - 4))
        for name, widths in list(best.items())[:2]
    }
    return figures.width_plot(key, names[0], best, fits)


def search_plot(names=NAMES, n=30, key='plot'):
    searches = {
        name: best_of(one.errors, 2 ** np.arange(8)) for name, one in populations(names, n).items()
    }
    return figures.search_plot(key, searches)


def published_plot(names=NAMES, n=30, key='plot'):
    own = [
        figures.Family(name, one.networks, one.columns, one.errors)
        for name, one in populations(names, n).items()
    ]
    printed = figures.Family(  # table 3
        'ResNet',
        ('ResNet-50', 'ResNet-101', 'ResNet-152'),
        dict(
            flops=[4.1e9, 7.8e9, 11.5e9],
            parameters=[25.6e6, 44.5e6, 60.2e6],
            activations=[11.1e6, 16.2e6, 22.6e6],
        ),
        [23.9, 22.1, 21.4],
        published=True,
        joined=True,
    )
    return figures.published_plot(
        key, {'grouped by activations': [*own, printed], 'grouped by flops': [printed]}
    )


def scaling_plot(names=NAMES, n=5, key='plot'):
    types = []
    for place, (name, one) in enumerate(populations(names, n).items()):
        flops = 4e8 * 2.0 ** np.arange(n)
        columns = dict(
            flops=flops, parameters=1e-2 * flops, activations=200 * flops ** (0.5 + 0.2 * place)
        )
        types.append(figures.Family(name, one.networks, columns, one.errors, joined=True))
    return figures.scaling_plot(key, types)


def networks_plot(names=NAMES, n=4, key='plot'):
    backbones = [
        dict(depths=(1, 2, 7 + number, 12), widths=(32, 64, 160, 1024)) for number in range(2 * n)
    ]
    rated = [
        figures.RatedNetwork(f'{names[0]}{number}', backbone, 40.0 + number)
        for number, backbone in enumerate(backbones)
    ]
    return figures.networks_plot(key, names[0], rated[:n], rated[: n - 1 : -1] if n else [])


def steps_plot(names=NAMES, n=30, key='plot'):
    return figures.steps_plot(
        key,
        {name: edf(one.errors) for name, one in populations(names, n).items()},
        dict.fromkeys(names, 1.8e18 if n else None),
    )


PLOTS = {
    function.__name__: lru_cache(maxsize=None)(function)
    for function in (
        edf_plot,
        parameter_plot,
        forest_plot,
        trend_plot,
        complexity_plot,
        latency_plot,
        predicted_plot,
        choice_plot,
        distribution_plot,
        width_plot,
        search_plot,
        published_plot,
        scaling_plot,
        networks_plot,
        steps_plot,
    )
}
