"""Every page and every kind of figure of the package, of tables that are stored in docs/study."""

from collections.abc import Iterator
from dataclasses import replace
from io import StringIO
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console

from regnet_plugin.analysis import decide
from regnet_plugin.choice.candidates import Budget, pareto, priced, within
from regnet_plugin.choice.published import published_candidates
from regnet_plugin.comparison import plan_comparison
from regnet_plugin.comparison.looking import LookTaken, sample_of, take_look
from regnet_plugin.comparison.page import comparison_document
from regnet_plugin.comparison.plan import EVERY
from regnet_plugin.comparison.wording import decision_text
from regnet_plugin.core.named_network import named_network
from regnet_plugin.core.vocabulary import DEFAULT_NUM_CLASSES
from regnet_plugin.device.fitting import fit_device_model
from regnet_plugin.device.packaged import device_model
from regnet_plugin.device.published_times import packaged_times
from regnet_plugin.population.features import shared_features
from regnet_plugin.population.predictions import with_predictions
from regnet_plugin.population.readers import read_records
from regnet_plugin.population.records import Records
from regnet_plugin.population.selection import named_networks
from regnet_plugin.report.diagrams import contact_sheet
from regnet_plugin.report.document import Document, Figure, Fold, Section, Table
from regnet_plugin.report.drawing.plot import Plot
from regnet_plugin.report.drawing.sketch import Sketch
from regnet_plugin.report.figures import (
    Rated,
    choice_plot,
    predicted_plot,
    scaling_plot,
    training_curves,
)
from regnet_plugin.report.populations import Rules
from regnet_plugin.report.report import report
from regnet_plugin.report.sections.comparisons.scaling import scaled_families
from regnet_plugin.report.watching import marked_as_partial
from regnet_plugin.study.plan_file import read_plan
from regnet_plugin.study.questions import questions
from regnet_plugin.study.results import Results, read_results
from regnet_plugin.training.populations.edf_picture import EDFPicture

_ROOT = Path(__file__).resolve().parents[2]
_STEPS = ('anynetx_a', 'anynetx_b', 'anynetx_c', 'anynetx_d', 'anynetx_e', 'regnetx')
_TRAINED = 40  # networks of the population that is shown while it is trained
_RELOADED = 3600  # seconds after which the watched page is loaded again
_COMPARED = 200  # trainings of the comparison, at most
_DRAWN = ('regnetx_400mf', 'regnetx_3.2gf', 'regnety_400mf', 'regnety_4.0gf')


def pages(root: Path) -> dict[str, Document]:
    """Make the reports of populations, finished and in training, of a comparison and of the study.

    Then one with the time of a device on its axes.

    Args:
        root: of the repository.

    Returns:
        Documents by the names of their files.
    """
    stored = root / 'docs/study'
    results = read_results(read_plan(root / 'configs/study/study.py'), stored)
    study = {name: one.records for name, one in results.populations.items()}
    steps = [study[name] for name in _STEPS]
    (with_twins,) = read_records(stored / 'twins/regnety.jsonl')
    device = device_model('i7-12700h')
    timed = [with_predictions(one, device) for one in (study['regnetx'], with_twins)]
    documents = {
        'steps': report(steps),
        'one': report(steps[-1]),
        'twins': report([study['regnetx'], with_twins]),
        'regimes': report([study[f'regnetx{name}'] for name in ('_half', '', '_double')]),
        'many': report(study.values()),
        'device': report(timed, Rules(cost=device.column, device=device)),
        'training': report([_in_training(study['regnetx']), study['regnetx_constrained']]),
        'watched': _watched(_in_training(study['regnetx'])),
    }
    documents['comparison'] = _compared(root, study['anynetx_d'], study['anynetx_e'])
    documents['study'] = _study(results)
    # a page that is made anew has the same bytes
    return {name: replace(one, footer='') for name, one in documents.items()}


def _in_training(records: Records) -> Records:
    """A population as it was when a random part of its networks had been trained."""
    waits = np.arange(len(records.networks)) >= _TRAINED
    unknown = np.where(waits, np.nan, records.last_error)
    return replace(
        records,
        name='regnetx_begun',
        status=np.where(waits, 'waiting', records.status),
        last_error=unknown,
        best_error=unknown,
        is_random_part=True,
    )


def _watched(records: Records) -> Document:
    """The page that --watch makes again and again."""
    return marked_as_partial(report(records), [records], _RELOADED)


def _compared(root: Path, *records: Records) -> Document:
    """The page of a comparison whose trainings end as those of stored populations did."""
    configs = root / 'configs'
    spaces = [configs / f'design_spaces/{name}_digits.py' for name in ('anynetx_d', 'anynetx_e')]
    plan = plan_comparison(
        spaces, configs / 'recipes/dds_10e_digits.py', flops=(2e6, 8e6), trainings=_COMPARED
    )
    named = [replace(one, name=name) for one, name in zip(records, plan.names)]
    looks: list[LookTaken] = []
    going_on = plan.names
    while going_on:
        trainings = EVERY * (len(looks) + 1)
        compared = [one for one in named if one.name in going_on]
        samples = {
            one.name: sample_of(one, features, plan.seed_of(one.name), trainings)
            for one, features in zip(compared, shared_features(compared))
        }
        looks.append(take_look(samples, trainings, plan.statistic))
        decision = decide(plan.names, [look.differences for look in looks], plan.rules)
        going_on = decision.going_on
    text = decision_text(plan, decision, looks, named[0].unit)
    return comparison_document(plan, looks, named, text)


def _study(results: Results) -> Document:
    """The chapters of the study, which a repository shows as Markdown, as a page."""
    sections = []
    for section in questions(results):
        items = [_of_chapter(section, item) for item in section.items]
        sections.append(replace(section, key=f'study-{section.key}', items=items))
    told = ['The chapters of docs/study/README.md, with all of its figures and tables.']
    return Document('The study', told, tuple(sections), headline='The study, chapter by chapter')


def _of_chapter(section: Section, item: Figure | Table | Fold) -> Figure | Table | Fold:
    """An item with a key that no other chapter has."""
    if isinstance(item, Fold):
        return replace(item, items=[_of_chapter(section, one) for one in item.items])
    key = f'{section.key}-{item.key}'
    if isinstance(item, Table):
        return replace(item, key=key)
    narrow = None if item.narrow is None else _renamed(item.narrow, f'{key}-narrow')
    return replace(item, plot=_renamed(item.plot, key), narrow=narrow)


def _renamed(plot: Any, key: str) -> Sketch:
    """A sketch of the same under another key."""
    draw = plot.draw
    return Sketch(draw.func, key, *draw.args[1:], **draw.keywords)


def index(documents: dict[str, Document]) -> Document:
    """Put the first figure of each kind, and the first table of each, on one page."""
    items: list[Figure | Table] = []
    seen: set[str] = set()
    for document in documents.values():
        for kind, item in _items(document):
            if kind not in seen and item.key not in {one.key for one in items}:
                seen.add(kind)
                items.append(item)
    items += [_fit_of_a_device(), _choice(), _scaling()]
    items.append(Figure(Plot('training-curves', _curves(), {}), 'One training', wide=True))
    sheet, narrow = (
        Plot(key, next(contact_sheet(named_networks(names))), {})
        for key, names in (('networks-sheet', _DRAWN), ('networks-narrow', _DRAWN[:1]))
    )
    items.append(Figure(sheet, 'Diagrams of networks', narrow=narrow, wide=True))
    links = [f'{name}.html: {document.headline}.' for name, document in documents.items()]
    section = Section('kinds', 'One figure of each kind', [], items)
    return Document('Gallery', links, (section,), headline='All figures and pages of the package')


def _fit_of_a_device() -> Figure:
    """Times of a device that comes with the package, each predicted from the others."""
    times = packaged_times('i7-12700h')
    _, predicted = fit_device_model(times)
    columns = {
        'network': [one.name for one in times.networks],
        'latency': times.seconds,
        'predicted_latency': predicted,
    }
    plot = Sketch(
        predicted_plot, 'device-fit', {times.name: columns}, [('predicted_latency', 'latency')]
    )
    return Figure(plot, 'Measured and predicted')


def _choice() -> Figure:
    """Published networks against the time on that device, as tools/choose_network.py draws them."""
    budget = Budget('latency', 0.010, device_model('i7-12700h'))
    choices = priced(published_candidates(_ROOT, 'classification'), [budget])
    kinds: dict[str, list[Rated]] = {}
    front = {id(one.candidate) for one in pareto(within(choices, [budget]))}
    for one in choices:
        network, accuracy = one.candidate.network, one.candidate.accuracy
        rated = Rated(network, one.costs['latency'], accuracy, id(one.candidate) in front)
        kinds.setdefault(one.candidate.kind, []).append(rated)
    plot = Sketch(choice_plot, 'choice', kinds, 'predicted_latency', budget.most, 'top-1 (%)')
    return Figure(plot, 'Networks within a budget')


def _scaling() -> Figure:
    """What a network costs by type of scaling, as tools/scale_network.py draws it."""
    types = scaled_families(*named_network('regnety_4.0gf'), DEFAULT_NUM_CLASSES, factor=16)
    return Figure(Sketch(scaling_plot, 'scaling', types), 'Types of compound scaling')


def _items(document: Document) -> Iterator[tuple[str, Figure | Table]]:
    """Figures and tables of a page with what each is one of: a function that draws, or a table."""
    for figure in document.figures:
        plot = figure.plot
        yield (
            plot.draw.func.__name__.lstrip('_') if isinstance(plot, Sketch) else figure.key,
            figure,
        )
    for section in document.sections:
        for item in section.figures_and_tables:
            if isinstance(item, Table):
                yield item.key.partition('-')[0], item


def status_picture(root: Path) -> str:
    """The EDF of a stored population as tools/population_status.py prints it."""
    (records,) = read_records(root / 'docs/study/regnetx.jsonl')
    output = StringIO()
    picture = EDFPicture(records.last_error[records.rated()].tolist(), records.unit)
    Console(file=output, width=80).print(picture)
    return output.getvalue()


def _curves() -> Any:
    """Curves of a training as tools/train.py draws them, of made-up numbers."""
    steps = np.arange(1, 97)
    training = [
        dict(step=int(step), loss=float(2.3 * np.exp(-step / 40)), lr=0.1 * (1 - step / 97))
        for step in steps
    ]
    validation = [
        dict(step=epoch, **{'accuracy/top1': 100 * (1 - 0.9 * float(np.exp(-epoch / 3)))})
        for epoch in range(1, 11)
    ]
    return training_curves(training, validation)


def structure(documents: dict[str, Document]) -> dict[str, Any]:
    """Say what is on the pages, without any number of the data: what a change of style keeps.

    Returns:
        Of each page its sections with their figures, tables and folds; of each figure its panels.
    """
    return {name: _page_structure(document) for name, document in documents.items()}


def _page_structure(document: Document) -> dict[str, Any]:
    return {
        'figures': {figure.key: _figure_structure(figure) for figure in document.figures},
        'tables': {
            item.key: [
                f'{name} ({item.units[name]})' if name in item.units else name
                for name in item.columns
            ]
            for section in document.sections
            for item in section.figures_and_tables
            if isinstance(item, Table)
        },
        'sections': {
            section.key: [getattr(item, 'key', item.title) for item in section.items]
            for section in document.sections
        },
        'facts': [name for name, _ in document.facts],
        'cautions': len(document.cautions),
    }


def _figure_structure(figure: Figure) -> list[str]:
    """Of each panel the texts and scales of its axes, and how many series of each kind it has."""
    found = []
    for view in figure.plot.views():
        for place, axes in enumerate(view.hover['axes']):
            kinds = [one['kind'] for one in view.hover['series'] if one['axes'] == place]
            counts = [f'{kinds.count(kind)} of {kind}' for kind in sorted(set(kinds))]
            x, y = (f'{axes[name]["label"]} ({axes[name]["scale"]})' for name in ('x', 'y'))
            found.append(f'{x}, {y}: {" and ".join(counts) or "nothing to point at"}')
    return found
