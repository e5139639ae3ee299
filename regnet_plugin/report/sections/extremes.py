"""Best and worst networks of each population (figure 6)."""
from regnet_plugin.report.document import Figure, Section
from regnet_plugin.report.figures import RatedNetwork, networks_plot

_EACH = 4


def extremes(entries, keys):
    """The section; None where no network's stages are known."""
    items = []
    for entry, key in zip(entries, keys):
        order = [index for index in entry.order if entry.backbones[index] is not None]
        best = order[:_EACH]
        worst = [index for index in order[::-1][:_EACH] if index not in best]
        if best:
            items.append(Figure(networks_plot(f'networks-{key}', entry.name, _rated(entry, best), _rated(entry, worst)),
                                f'{entry.name}: best and worst networks', 'The best above, the worst below.'))
    return Section('extremes', 'Best and worst networks', ['The width of each block.'], items) if items else None


def _rated(entry, chosen):
    return [RatedNetwork(entry.networks[index], entry.backbones[index], float(entry.errors[index])) for index in chosen]
