"""Best and worst networks of each population (figure 6)."""

from regnet_plugin.report.document import Figure, Section
from regnet_plugin.report.figures import RatedNetwork, networks_plot
from regnet_plugin.report.populations import drawn_alone
from regnet_plugin.report.sketch import Sketch

_EACH = 4


def extremes(entries, keys, brief):
    """The section, of the best population only if it is to be brief; None where no network's stages
    are known.
    """
    items = []
    keys = {entry.name: key for entry, key in zip(entries, keys)}
    for entry in drawn_alone(entries, brief):
        order = [index for index in entry.order if entry.backbones[index] is not None]
        best = order[:_EACH]
        worst = [index for index in order[::-1][:_EACH] if index not in best]
        if best:
            plot = Sketch(
                networks_plot,
                f'networks-{keys[entry.name]}',
                entry.name,
                _rated(entry, best),
                _rated(entry, worst),
            )
            items.append(
                Figure(
                    plot,
                    f'{entry.name}: best and worst networks',
                    'The best above, the worst below.',
                )
            )
    return (
        Section('extremes', 'Best and worst networks', ['The width of each block.'], items)
        if items
        else None
    )


def _rated(entry, chosen):
    return [
        RatedNetwork(
            entry.networks[index],
            entry.backbones[index],
            float(entry.errors[index]),
            entry.records.unit,
        )
        for index in chosen
    ]
