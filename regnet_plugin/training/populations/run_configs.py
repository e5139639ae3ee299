"""Configs of a population's runs, each in the folder that its run fills, and the recipe that they
were made with.
"""

from collections import Counter
from pathlib import Path

from mmengine.config import Config

from regnet_plugin.cli.errors import UserError, blame, not_ended
from regnet_plugin.cli.wording import counted
from regnet_plugin.files import is_there, put_aside, read_text, replace
from regnet_plugin.population.results import digest_of
from regnet_plugin.population.run_layout import CONFIG, RECIPE, RUNS
from regnet_plugin.population.runs.planning import (
    check_recipe_name,
    name_runs,
    plan_runs,
    unplan_runs,
)
from regnet_plugin.population.runs.recipe_file import check_recipe, keep_recipe
from regnet_plugin.population.runs.removal import check_not_linked
from regnet_plugin.population.selection import networks_of
from regnet_plugin.population.store import check_path
from regnet_plugin.training.checks.compiled_ops import check_ops
from regnet_plugin.training.checks.data import check_data
from regnet_plugin.training.config.loaders import TRAINING_LOADERS, import_datasets, is_here
from regnet_plugin.training.populations.experiment import experiment
from regnet_plugin.training.populations.own_modules import check_modules, import_modules

# MMEngine puts the folder in when it reads the file, wherever the population was moved to
_HERE = '{{ fileDirname }}'


def prepare_runs(
    population,
    recipe,
    *,
    name=None,
    options=None,
    names=None,
    seeds=(0,),
    out=None,
    overwrite=False,
    keep=True,
    trained=False,
    trained_here=False,
    retry_failed=False,
    say=lambda note: None,
):
    """Plan the training of networks, and note the recipe beside their runs.

    Nothing is written before the first network has been through the recipe's neck and head, see
    `rehearse`.

    Args:
        population (Population): whose networks are to be trained; the modules that its space needs
            come into the configs.
        recipe (str): path of the config that says how.
        name (str, optional): of the runs' folder. Default: None, that of the config's file.
        options (dict, optional): settings of the recipe that are replaced.
        names (Sequence[str], optional): of the networks. Default: None, all.
        seeds (Sequence[int]): of the trainings, from 0 to 2**31 - 1, each once. Default: 0 only.
        out (str | Path, optional): folder of the runs of all recipes. Default: ``runs`` in that of
            the population.
        overwrite (bool): replace another recipe of this name. Default: False.
        keep (bool): note the recipe; without, nothing is written. Default: True.
        trained (bool): they are trained next: the recipe's data is looked into, where it is here.
            Default: False.
        trained_here (bool): they are trained on this machine: where runs are left, the recipe's
            data must be here. Default: False.
        retry_failed (bool): runs that failed are left. Default: False.
        say (Callable[[str], None]): told that a recipe took the place of one with which everything
            failed.

    Returns:
        tuple[Run]: longest first.

    Raises:
        PopulationError: if there is no such network, or another recipe of this name.
        UserError: if the recipe cannot be read, or does not fit the first network, or its data is
            not here.
    """
    check_modules(population)
    config = read_recipe(recipe, options, population.manifest.get('custom_imports', []))
    check_ops(config)
    name = Path(recipe).stem if name is None else name
    check_recipe_name(name)
    folder = Path(out or population.directory / RUNS, name)
    _check_folder(folder)
    _check_seeds(seeds)
    _check_once('network', names or ())
    networks = networks_of(population, names)
    runs = name_runs(folder, networks, seeds)
    here = trained_here and any(retry_failed or not run.ended for run in runs)
    if here:
        check_data(config, str(recipe), TRAINING_LOADERS)
    new = not is_there(folder / RECIPE) or not _is_text(folder / RECIPE, config.pretty_text)
    if new or here and _depends_on_machine(config):
        _check_trainable(config, str(recipe), here, say)
    with blame(f'{recipe}, network {networks[0].name}'):
        if new:
            trial = experiment(networks[0].sample, config, seed=seeds[0])
            _check_readable(trial)
            _rehearse(trial)
            if trained and is_here(config, TRAINING_LOADERS):
                _rehearse_data(trial, str(recipe))
    text = config.pretty_text
    if overwrite and folder.is_dir():
        replace(folder / RECIPE, text)
    if not keep:
        check_recipe(folder, text, say)
        return runs
    failures = keep_recipe(folder, text, say)
    if failures:
        say(
            'it takes the place of another recipe of this name, with which no run ended well; '
            f'{counted(failures, "failure")} forgotten'
        )
    return plan_runs(folder, networks, seeds)


class RunConfigs:
    """The configs of a recipe's runs.

    Args:
        folder (Path): of the runs, with the recipe beside them.

    Raises:
        UserError: if the recipe cannot be read.
    """

    def __init__(self, folder):
        path = folder / RECIPE
        with blame(str(path)):
            self.recipe = Config.fromfile(path)
        self.digest = digest_of(read_text(path))
        self._sections = {}

    def config(self, run):
        """Make the config of a run.

        Raises:
            UserError: if recipe and network do not fit.
        """
        with blame(f'{run.folder.parent.name}, network {run.network.name}'):
            config = experiment(run.network.sample, self.recipe, seed=run.seed)
        result = dict(
            type='regnet_plugin.ResultHook',
            network=run.network.name,
            recipe=run.folder.parent.name,
            recipe_digest=self.digest,
            complexity=run.network.sample.to_dict()['complexity'],
        )
        config.custom_hooks = [*config.get('custom_hooks', []), result]
        config.work_dir = _HERE
        return config

    def text(self, config):
        """Return a config as Python. Laying it out takes its time; most top-level entries are those
        of configs before.
        """
        entries = [(name, repr(value)) for name, value in sorted(config.to_dict().items())]
        for name, written in entries:
            if (name, written) not in self._sections:
                self._sections[name, written] = Config({name: config[name]}).pretty_text
        return ''.join(self._sections[entry] for entry in entries)

    def write(self, run):
        """Write the config of a run, in place of one that is there."""
        replace(run.folder / CONFIG, self.text(self.config(run)))

    def renew(self, run):
        """Write the config of a run, unless it is there as it would be written: what is trained
        follows from recipe and network. Another one is not run, not even to be compared; it is put
        aside, and an empty one is replaced.

        Returns:
            str | None: what a person should know of that.

        Raises:
            UserError: if recipe and network do not fit.
            OSError: naming the config, if it cannot be read now.
        """
        path, text = run.folder / CONFIG, self.text(self.config(run))
        if _is_text(path, text):
            return None
        told = None
        if is_there(path) and not _is_empty(path):
            check_not_linked(run.folder)
            put_aside(path)
            begun = (
                f'; it goes on from {run.checkpoint}, however that was trained'
                if run.checkpoint
                else ''
            )
            told = (
                f'{path} was another config than {run.folder.parent.name} makes of its network: it '
                'was put aside, and '
                f'written anew{begun}'
            )
        replace(path, text)
        return told


def write_configs(runs, overwrite=False, progress=lambda done, total: None):
    """Write the configs of several runs of one recipe; what is there and the same stays untouched.

    Nothing is written before each network has been through the recipe's neck and head, see
    `rehearse`; if one does not get through, what was planned for these runs alone goes too.

    Args:
        runs (Sequence[Run]): from `prepare_runs`.
        overwrite (bool): replace configs that are there and differ. Default: False.
        progress (Callable[[int, int], None]): told after each run how many are through, and how
            many there are.

    Returns:
        list[Path]: of the configs, in the order of networks and seeds.

    Raises:
        UserError: if recipe and network do not fit, or there is another config.
    """
    try:
        texts = _texts(runs, progress)
    except UserError:
        unplan_runs(runs)
        raise
    changed = [path for path, text in texts.items() if not _is_text(path, text)]
    for path in filter(is_there, changed):
        if not overwrite:
            raise UserError(
                f'{path} is there and is another config; --overwrite replaces it, --out writes '
                'elsewhere'
            )
        check_not_linked(path.parent)
    for path in changed:
        replace(path, texts[path])
    return list(texts)


def _texts(runs, progress):
    """The configs of runs, by their paths, when each network has been rehearsed."""
    configs, texts, rehearsed = RunConfigs(runs[0].folder.parent), {}, set()
    for done, run in enumerate(sorted(runs, key=lambda run: (run.network.name, run.seed)), 1):
        config = configs.config(run)
        texts[run.folder / CONFIG] = configs.text(config)
        if run.network.name not in rehearsed:  # the seed makes no difference
            with blame(f'{run.folder.parent.name}, network {run.network.name}'):
                _rehearse(config)
        rehearsed.add(run.network.name)
        progress(done, len(runs))
    return texts


def _is_text(path, text):
    """Whether a file is there, and this text."""
    try:
        return read_text(path) == text
    except (FileNotFoundError, ValueError):
        return False


def _is_empty(path):
    """Whether a file has no text: also zeros, which a machine that broke down leaves where it had
    not yet written.
    """
    try:
        return not read_text(path).strip('\0 \n')
    except ValueError:  # it is something else
        return False


def _rehearse(config):
    # imports torch, which workers do not need
    from regnet_plugin.training.checks.model_rehearsal import rehearse

    rehearse(config)


def _rehearse_data(config, name):
    from regnet_plugin.training.checks.data_rehearsal import rehearse_data  # imports torch

    rehearse_data(config, name)


def _depends_on_machine(config):
    """Whether a recipe that was tried elsewhere may fail here: for want of a GPU, or of images."""
    kind = (config.get('optim_wrapper') or {}).get('type')
    return 'Amp' in str(kind) or 'drop_last' in str(config.get('train_dataloader'))


def _check_trainable(config, path, here, say):
    from regnet_plugin.training.checks.recipe import (  # imports torch, which workers need not
        check_trainable,
        notes_on_recipe,
    )

    import_datasets(config.get('default_scope'))
    with blame(path):
        check_trainable(config, here)
        for note in notes_on_recipe(config):
            say(note)


def _check_folder(runs):
    check_path(runs.absolute())
    if set(str(runs.absolute())) & set('\'"\\\n'):
        raise UserError(
            'a folder of runs must have no quotes in its path, which configs cannot hold, but it '
            'is '
            f'{runs.absolute()}'
        )


def _check_seeds(seeds):
    """NumPy takes seeds below 2**32, and the loader's processes add their numbers to it."""
    for seed in seeds:
        if not 0 <= seed < 2**31:
            raise UserError(f'a seed must be from 0 to {2**31 - 1}, but it is {seed}')
    _check_once('seed', seeds)


def _check_once(what, values):
    for value, times in Counter(values).items():
        if times > 1:
            raise UserError(f'a {what} must be given once, but {value} is given {times} times')


def read_recipe(path, options=None, modules=()):
    """Read the config that says how networks are trained, change it, and let it import what they
    are made of.

    Args:
        path (str): of the config.
        options (dict, optional): settings that are replaced. Default: None.
        modules (Sequence[str]): names of those that the networks need. Default: none.

    Returns:
        mmengine.Config: complete.

    Raises:
        UserError: if it cannot be read.
    """
    if not Path(path).is_file():
        raise UserError(
            f'a recipe must be the path of a config, but there is no file {str(path)!r}'
        )
    with blame(path), not_ended():
        config = Config.fromfile(path)
    with blame('--cfg-options'):
        config.merge_from_dict(options or {})
    if modules:
        imports = dict(config.get('custom_imports') or {})
        given = imports.get('imports') or []
        given = [given] if isinstance(given, str) else list(given)
        imports['imports'] = given + [module for module in modules if module not in given]
        config.custom_imports = imports
        import_modules(modules)
    return config


def _check_readable(config):
    """A config file is Python, and can hold what can be written as such: not infinity, which is
    written ``inf``.
    """
    try:
        same = Config.fromstring(config.pretty_text, '.py').to_dict() == config.to_dict()
        reason = 'it is read as something else'
    except Exception as error:  # reading runs the file
        same, reason = False, f'{type(error).__name__}: {error}'
    if not same:
        raise ValueError(
            'a recipe must hold numbers, texts, lists and dicts only, to be written as a config '
            'and read '
            f'again, but {reason}'
        )
