"""What tools/choose_network.py says, writes and draws."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from regnet_plugin.choice.candidates import Budget, Choice
from regnet_plugin.files import replace
from regnet_plugin.report.figures import Rated, choice_plot

CAUTION = (
    'accuracies of different recipes do not compare: a longer training, or more images before it, '
    'says nothing of the network'
)
_COLUMNS = dict(latency='predicted_latency', memory='memory')


def cost_in_words(name: str, cost: float) -> str:
    """Say a cost with its unit, such as '8.1 ms'."""
    if name == 'latency':
        return f'{1000 * cost:.3g} ms'
    if name == 'memory':
        return f'{cost / 1e6:.2f} MB'
    unit, factor = ('G', 1e9) if cost >= 1e9 else ('M', 1e6)
    return f'{cost / factor:.3g} {unit} {name}'


def choice_lines(choices: Sequence[Choice]) -> list[str]:
    """Say each choice in some lines: what it is, what it costs, where config and weights are."""
    lines = []
    for number, choice in enumerate(choices, 1):
        one = choice.candidate
        costs = ', '.join(cost_in_words(name, cost) for name, cost in choice.costs.items())
        side = (
            one.resolution
            if isinstance(one.resolution, int)
            else 'x'.join(map(str, one.resolution))
        )
        lines.append(f'{number}. {one.network}: {one.accuracy:.2f} {one.metric}, {costs}')
        lines.append(f'   {one.recipe} ({one.source}); images of {side}')
        told = f'   {one.config}'
        if one.weights:
            told += f'  {one.weights}'
        else:
            told += '  without weights: to be trained'
        lines.append(told + (f'  license {one.license}' if one.license else ''))
    return lines


def choice_values(
    choices: Sequence[Choice], front: Sequence[Choice], budgets: Sequence[Budget]
) -> dict[str, Any]:
    """Return choices as plain values, fit for JSON."""
    return dict(
        caution=CAUTION,
        budgets={budget.cost: budget.most for budget in budgets},
        device=next((budget.device.name for budget in budgets if budget.device), None),
        pareto=[dict(choice.candidate.to_dict(), costs=dict(choice.costs)) for choice in front],
        within=[dict(choice.candidate.to_dict(), costs=dict(choice.costs)) for choice in choices],
    )


def write_json(path: Path, values: dict[str, Any]) -> None:
    """Write values as JSON, in place of a file that may be there."""
    replace(path, json.dumps(values, indent=2) + '\n')


def write_picture(
    path: Path, choices: Sequence[Choice], front: Sequence[Choice], budget: Budget
) -> None:
    """Draw accuracy against a cost, of all whose cost is known.

    Args:
        path: of the picture, .png, .pdf or .svg.
        choices: all of them, also beyond the budget.
        front: those that are worth a choice.
        budget: whose cost is drawn.

    Raises:
        ValueError: if the path is of another kind.
    """
    if path.suffix not in ('.png', '.pdf', '.svg'):
        raise ValueError(f'a picture must end in .png, .pdf or .svg, but it is {path}')
    kinds: dict[str, list[Rated]] = {}
    best = {id(choice.candidate) for choice in front}
    for choice in choices:
        one = choice.candidate
        rated = Rated(one.network, choice.costs[budget.cost], one.accuracy, id(one) in best)
        kinds.setdefault(one.kind, []).append(rated)
    column = _COLUMNS.get(budget.cost, budget.cost)
    label = f'{choices[0].candidate.metric} (%)'
    plot = choice_plot('choice', kinds, column, budget.most, label)
    replace(path, plot.content(path.suffix[1:]))
