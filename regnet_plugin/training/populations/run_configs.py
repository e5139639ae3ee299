"""The configs of a population's runs: each in the folder that its run fills.

They are made of the networks and of the recipe that lies beside the runs.
"""

from collections.abc import Callable, Sequence
from pathlib import Path

from mmengine.config import Config

from regnet_plugin.cli.errors import UserError, blame
from regnet_plugin.files import is_there, put_aside, read_text, replace
from regnet_plugin.population.runs.layout import CONFIG, RECIPE
from regnet_plugin.population.runs.planning import unplan_runs
from regnet_plugin.population.runs.removal import check_not_linked
from regnet_plugin.population.runs.results import digest_of
from regnet_plugin.population.runs.run import Run
from regnet_plugin.training.populations.experiment import experiment

# MMEngine puts the folder in when it reads the file, wherever the population was moved to
_HERE = '{{ fileDirname }}'


class RunConfigs:
    """The configs of a recipe's runs.

    Args:
        folder: of the runs, with the recipe beside them.

    Raises:
        UserError: if the recipe cannot be read.
    """

    def __init__(self, folder: Path) -> None:
        path = folder / RECIPE
        with blame(str(path)):
            self.recipe = Config.fromfile(path)
        self.digest = digest_of(read_text(path))
        # how top-level entries are laid out, by their name and what they hold, see `text`
        self._layouts: dict[tuple[str, str], str] = {}

    def config(self, run: Run) -> Config:
        """Make the config of a run.

        Raises:
            UserError: if recipe and network do not fit.
        """
        recipe = run.folder.parent.name
        with blame(f'{recipe}, network {run.network.name}'):
            config = experiment(run.network.sample, self.recipe, seed=run.seed)
        result_hook = dict(
            type='regnet_plugin.ResultHook',
            network=run.network.name,
            recipe=recipe,
            recipe_digest=self.digest,
            complexity=run.network.sample.to_dict()['complexity'],
        )
        config.custom_hooks = [*config.get('custom_hooks', []), result_hook]
        config.work_dir = _HERE
        return config

    def text(self, config: Config) -> str:
        """Return a config as Python.

        MMEngine takes its time to lay one out, and most entries of a config are those of the
        configs before, so the layout of each entry is kept.
        """
        layouts = []
        for name, value in sorted(config.to_dict().items()):
            key = name, repr(value)
            if key not in self._layouts:
                self._layouts[key] = Config({name: config[name]}).pretty_text
            layouts.append(self._layouts[key])
        return ''.join(layouts)

    def write(self, run: Run) -> None:
        """Write the config of a run, in place of one that is there."""
        replace(run.folder / CONFIG, self.text(self.config(run)))

    def renew(self, run: Run) -> str | None:
        """Write the config of a run, unless it is there as it would be written.

        So what is trained follows from recipe and network. Another config is not run, not even to
        be compared; it is put aside, and an empty one is replaced.

        Returns:
            what a person should know of that; None if nothing.

        Raises:
            UserError: if recipe and network do not fit.
            OSError: naming the config, if it cannot be read now.
        """
        path, text = run.folder / CONFIG, self.text(self.config(run))
        if holds_text(path, text):
            return None
        note = None
        if is_there(path) and not _is_empty(path):
            check_not_linked(run.folder)
            put_aside(path)
            note = (
                f'{path} was another config than {run.folder.parent.name} makes of its network: it '
                'was put aside, and written anew'
            )
            if run.checkpoint:
                note += f'; it goes on from {run.checkpoint}, however that was trained'
        replace(path, text)
        return note


def write_configs(
    runs: Sequence[Run],
    overwrite: bool = False,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> list[Path]:
    """Write the configs of several runs of one recipe; what is there and the same stays untouched.

    Nothing is written before each network has been through the recipe's neck and head, see
    `rehearse`; if one does not get through, what was planned for these runs alone goes too.

    Args:
        runs: from `prepare_runs`.
        overwrite: replace configs that are there and differ. Default: False.
        progress: told after each run how many are through, and how many there are.

    Returns:
        paths of the configs, in the order of networks and seeds.

    Raises:
        UserError: if recipe and network do not fit, or there is another config.
    """
    try:
        texts = _rehearsed_texts(runs, progress)
    except UserError:
        unplan_runs(runs)
        raise
    changed = [path for path, text in texts.items() if not holds_text(path, text)]
    for path in changed:
        if not is_there(path):
            continue
        if not overwrite:
            raise UserError(
                f'{path} is there and is another config; --overwrite replaces it, --out writes '
                'elsewhere'
            )
        check_not_linked(path.parent)
    for path in changed:
        replace(path, texts[path])
    return list(texts)


def _rehearsed_texts(runs: Sequence[Run], progress: Callable[[int, int], None]) -> dict[Path, str]:
    """The configs of runs, by their paths, when each network has been rehearsed."""
    # imports torch, which a worker's configs do without
    from regnet_plugin.training.checks.rehearsals.model_rehearsal import rehearse

    configs = RunConfigs(runs[0].folder.parent)
    texts: dict[Path, str] = {}
    rehearsed: set[str] = set()  # networks: the seed makes no difference
    for done, run in enumerate(sorted(runs, key=lambda run: (run.network.name, run.seed)), 1):
        config = configs.config(run)
        texts[run.folder / CONFIG] = configs.text(config)
        if run.network.name not in rehearsed:
            with blame(f'{run.folder.parent.name}, network {run.network.name}'):
                rehearse(config)
        rehearsed.add(run.network.name)
        progress(done, len(runs))
    return texts


def holds_text(path: Path, text: str) -> bool:
    """Whether a file is there and is this text.

    Raises:
        OSError: naming it, if it cannot be read now.
    """
    try:
        return read_text(path) == text
    except (FileNotFoundError, ValueError):
        return False


def _is_empty(path: Path) -> bool:
    """Whether a file has no text, but blanks and zeros.

    Zeros are what a machine that broke down leaves where it had not yet written.
    """
    try:
        return not read_text(path).strip('\0 \n')
    except ValueError:  # it is something else
        return False
