"""What to do next: what a person who has used a tool may want then, and the command that does it.

Wording and commands are here, once. Tools choose a step and hand it to `say_next`.
"""

import json
import os
import re
import shlex
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from regnet_plugin.cli.printing import say

# What stands in a command for what only the person knows.
_ANY_RECIPE, _ANY_CONFIG = 'RECIPE', 'CONFIG'


@dataclass(frozen=True)
class NextStep:
    """Something to do next.

    Attributes:
        what: it is, and why.
        command: that does it, as it can be typed.
    """

    what: str
    command: str


def say_next(step: NextStep) -> None:
    """Say what to do next, in two lines, to a person who can do it.

    That is one who reads on a terminal, and types there. Scripts, files and pipes get the output
    of the tool alone, and so does a tool whose commands have no input, such as run_study.py.
    """
    if sys.stdin.isatty() and sys.stdout.isatty():
        say(f'next: {step.what}\n  {step.command}')


def sample_it(space: str | Path) -> NextStep:
    """Sample a design space whose config was written."""
    return NextStep('sample networks of it', _tool('sample_population.py', space))


def sample_under(model: str | Path) -> NextStep:
    """Sample under a time that a device model predicts."""
    space = _config('design_spaces/regnetx.py')
    return NextStep(
        'sample networks under a time, such as 9 ms',
        _tool('sample_population.py', space, '--latency', '9ms', '--device', model),
    )


def test_chosen(config: str | Path, weights: str) -> NextStep:
    """Test a published network whose config was written."""
    return NextStep(
        'test it; tools/train.py trains on from there', _tool('test.py', config, weights)
    )


def train_them(population: str | Path, recipe: str) -> NextStep:
    """Train a population that was sampled.

    Args:
        population: its folder.
        recipe: from `recipe_for`.
    """
    return NextStep(
        'train them; --dry-run says what that costs',
        _tool('train_population.py', population, recipe),
    )


def recipe_for(space: str | Path, num_classes: int | None) -> str:
    """Return the path of the recipe that trains the networks of a space in little time.

    It is one of configs/recipes/, or RECIPE where none of them is for its data.

    Args:
        space: path of its config.
        num_classes: of its networks.
    """
    name = Path(space).stem
    if name.endswith('_digits'):
        return _config('recipes/dds_10e_digits.py')
    if name.startswith('cifar'):
        return _config('recipes/dds_10e_cifar10.py')
    return _config('recipes/dds_10e_imagenet.py') if num_classes == 1000 else _ANY_RECIPE


def follow(population: str | Path) -> NextStep:
    """See how far the training of a population is."""
    return NextStep('see how far it is', _tool('population_status.py', population, '--watch'))


def make_page(populations: Sequence[str | Path]) -> NextStep:
    """Make the page of populations: folders, or tables."""
    return NextStep(
        'put on a page what the networks say', _tool('report_population.py', *populations)
    )


def restrict(population: str | Path) -> NextStep:
    """See what the networks of the better space suggest.

    Args:
        population: folder of that space, which is trained.
    """
    return NextStep(
        'see which restriction its networks suggest next', _tool('restrict_space.py', population)
    )


def make_page_of_tables(folder: str | Path) -> NextStep:
    """Make the page of all tables of a folder."""
    tables = f'{shlex.quote(str(folder))}/*.jsonl'
    return NextStep('put all networks on a page', f'{_tool("report_population.py")} {tables}')


def make_page_again(populations: Sequence[str | Path], page: Path) -> NextStep:
    """Keep the page of populations in training up to date."""
    command = _tool('report_population.py', *populations, '-o', page, '--watch')
    return NextStep(f'look at {_address(page)}, which goes on as results come in with', command)


def select_best(population: str | Path, ranked_by: str, page: Path) -> NextStep:
    """Train the best networks of a population again, when the page was looked at.

    Args:
        population: its folder.
        ranked_by: name of the recipe that its errors are of.
        page: about it.
    """
    found = re.fullmatch(r'dds_\d+e_(\w+)', ranked_by)
    longer = _config(f'recipes/dds_100e_{found[1]}.py') if found else ''
    if not os.path.isfile(longer) or Path(longer).stem == ranked_by:
        longer = _ANY_RECIPE
    return NextStep(
        f'look at {_address(page)}, then train the best one again, longer and with five seeds',
        _tool('select_best.py', population, longer, '--ranked-by', ranked_by),
    )


def train_for_weights(config: Path) -> NextStep:
    """Train a run once more, in a folder of its own, since its checkpoints were deleted.

    Args:
        config: of the run.
    """
    name = config.parent.name
    return NextStep(
        'get the weights of the best one, by the same training again',
        _tool('train.py', config, '--work-dir', f'work_dirs/{name}'),
    )


def train_it(config: str | Path) -> NextStep:
    """Train the network of a config that was written."""
    return NextStep('train one of them', _tool('train.py', config))


def train_detector() -> NextStep:
    """Train a detector on the embedded detection set."""
    config = _config('detection/faster-rcnn_regnetx_6.5mf_fpn_digits.py')
    return NextStep('train a detector on it', _tool('train.py', config))


def evaluate(checkpoint: str | Path) -> NextStep:
    """Evaluate weights that were given our names."""
    return NextStep(
        'evaluate them, with a config of their network', _tool('test.py', _ANY_CONFIG, checkpoint)
    )


def export_it(config: str | Path, checkpoint: str | Path) -> NextStep:
    """Write a trained network for inference elsewhere."""
    out = Path(config).with_suffix('.onnx').name
    return NextStep(
        'write it for inference elsewhere', _tool('export.py', config, checkpoint, '--out', out)
    )


def run_exported(path: Path) -> NextStep:
    """Load an exported network where neither this package nor OpenMMLab is."""
    text = json.dumps(str(path))  # in double quotes, so that the shell's can be around it
    if path.suffix == '.onnx':
        code = f'import onnxruntime as o; print(o.InferenceSession({text}).get_inputs()[0])'
    else:
        code = f'import torch; print(torch.export.load({text}))'
    return NextStep('run it without this package', shlex.join(['python', '-c', code]))


def explore(journal: str | Path) -> NextStep:
    """Look at an export in Optuna's dashboard."""
    return NextStep(
        "look at it in a browser (pip install 'regnet_plugin[optuna]')",
        shlex.join(['optuna-dashboard', str(journal)]),
    )


def report_study(plan: str | Path, results: str | Path) -> NextStep:
    """Say what the results of a study say."""
    command = _tool('report_study.py', '--plan', plan, '--results', results)
    return NextStep('say what the results say', command)


def _tool(name: str, *arguments: object) -> str:
    """A command of the folder in which the tool lies that runs now."""
    return shlex.join([os.path.join(_folder_of_tools(), name), *map(str, arguments)])


def _config(name: str) -> str:
    """Path of a config of this package, which lie beside the tools."""
    return os.path.normpath(os.path.join(_folder_of_tools(), '..', 'configs', name))


def _folder_of_tools() -> str:
    return os.path.dirname(sys.argv[0]) or '.'


def _address(page: Path) -> str:
    """The address of a page, which terminals let one click on."""
    return page.resolve().as_uri()
