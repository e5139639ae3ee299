"""A population on disk: plain files that need no package to be read.

- population.json: what was sampled and how: space, constraints, seed, versions; at the end the
  acceptance rate
- architectures.jsonl: one network per line: its number, its candidate's number, and what
  `Sample.to_dict` gives
- base.py: the config that its networks vary, of a space over a config
"""

import json
import re
from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from regnet_plugin.design_spaces.sample import Sample
from regnet_plugin.files import (
    alone_at,
    drop_broken_end,
    is_there,
    naming,
    read_object,
    read_text,
    replace,
    unambiguous,
)
from regnet_plugin.population.columns import COUNTS
from regnet_plugin.population.folder import BASE, MADE_OF_NETWORKS, MANIFEST, NETWORKS

FORMAT = 1  # of the files
_NETWORK = re.compile(r'[0-9A-Za-z][0-9A-Za-z._=,+-]{0,199}')
_FLUSH_EVERY = 1000  # lines; what a kill may cost in time, never in result
# What a line that is no network's raises when it is read.
_MISREAD = (
    ValueError,
    KeyError,
    TypeError,
    AttributeError,
    RecursionError,
    OverflowError,
)


class PopulationError(ValueError):
    """A population's files are not what they should be."""


def check_network_name(name: str) -> None:
    """Check that folders can be called after a network.

    Args:
        name: its number, published name or parameters.

    Raises:
        ValueError: if they cannot.
    """
    if not _NETWORK.fullmatch(name):
        raise ValueError(
            "a network's name has up to 200 letters, digits and ._=,+- and begins with a letter or "
            f'digit, but it is {name[:300]!r}'
        )


def check_new(name: str, known: Container[str]) -> None:
    """Check that a network is not among those of the lines before.

    Raises:
        ValueError: if it is.
    """
    if name in known:
        raise ValueError(f'each network must be there once, but {name} is there twice')


def check_path(path: str | Path) -> None:
    """Check that the path of a folder can be printed and written into files.

    Raises:
        PopulationError: if it cannot.
    """
    try:
        str(path).encode()
    except UnicodeEncodeError:
        raise PopulationError(
            f'a folder must have a path in UTF-8, but it is {str(path)!r}'
        ) from None


@dataclass(frozen=True)
class SampledNetwork:
    """A network of a population: a line of its file.

    Attributes:
        name: its number in the population, '000000' and so on; of a baseline what it was named by.
        draw: number of the candidate that it was, from 0.
        sample: what the design space gave.

    Raises:
        ValueError: if folders cannot be called after it.
    """

    name: str
    draw: int
    sample: Sample

    def __post_init__(self) -> None:
        check_network_name(self.name)

    @property
    def counts(self) -> dict[str, int]:
        """Its flops, parameters and activations, by these names."""
        return {name: int(getattr(self.sample.complexity, name)) for name in COUNTS}

    def to_line(self) -> str:
        """Write it as a line of JSON; `from_line` inverts it."""
        return json.dumps(dict(network=self.name, draw=self.draw, **self.sample.to_dict())) + '\n'

    @classmethod
    def from_line(cls, line: str | bytes) -> 'SampledNetwork':
        """Read what `to_line` wrote.

        Raises:
            ValueError: if it is something else; what else is raised is in `_MISREAD`.
        """
        values = unambiguous(line)
        if (
            not isinstance(values, dict)
            or not isinstance(values.get('network'), str)
            or type(values.get('draw')) is not int
            or values['draw'] < 0
        ):
            raise ValueError(
                'a line must be an object with a name network, a number draw and what a sample has'
            )
        return cls(values.pop('network'), values.pop('draw'), Sample.from_dict(values))


def _check_nothing_made_of_another(directory: str | Path) -> None:
    """Check that a folder has no results, latencies or baselines of a population before.

    Networks are known by their numbers, so those of a new population would get them.
    """
    found = [name for name in MADE_OF_NETWORKS if is_there(Path(directory, name))]
    if found:
        raise PopulationError(
            f'a new population needs a folder without results of another one, but {directory} has '
            f'{", ".join(found)}: sample into another folder, or move that away'
        )


class Population:
    """The files of a population; made by `create` or `open`.

    Args:
        directory: of the files.
        manifest: what ``population.json`` says.
    """

    def __init__(self, directory: str | Path, manifest: Mapping[str, Any]) -> None:
        self.directory = Path(directory)
        self.manifest = manifest

    @property
    def seed(self) -> int:
        """What it was sampled by; 0 of baselines, and of one that was put together by hand."""
        seed = self.manifest.get('seed')
        return seed if isinstance(seed, int) else 0

    @classmethod
    def create(cls, directory: str | Path, manifest: Mapping[str, Any]) -> 'Population':
        """Begin a population in a new directory, or in one without anything of a population.

        Raises:
            PopulationError: if there is one already, or what was made of one.
        """
        directory = Path(directory)
        check_path(directory)
        if cls.exists(directory):
            raise PopulationError(
                f'there is a population in {directory}: --resume goes on with it, --overwrite '
                'replaces it'
            )
        _check_nothing_made_of_another(directory)
        directory.mkdir(parents=True, exist_ok=True)
        population = cls(directory, manifest)
        population._write_manifest()
        return population

    @classmethod
    def open(cls, directory: str | Path) -> 'Population':
        """Open what `create` made.

        Raises:
            PopulationError: if there is none, or its manifest cannot be read.
        """
        check_path(directory)
        path = Path(directory, MANIFEST)
        try:
            manifest = read_object(path)
            _check_manifest(manifest)
            return cls(directory, manifest)
        except FileNotFoundError:
            raise PopulationError(
                f'there is no population in {directory}: {path} is missing'
            ) from None
        except (ValueError, OSError) as error:
            raise PopulationError(f'{path} cannot be read: {error}') from None

    @staticmethod
    def remove(directory: str | Path) -> None:
        """Delete the files of a population itself, if they are there, and nothing else.

        Raises:
            PopulationError: if there is what was made of it, which the networks of the next one
                would be given.
        """
        _check_nothing_made_of_another(directory)
        # the manifest last: without it nobody would know what the networks are
        for name in (NETWORKS, BASE, MANIFEST):
            Path(directory, name).unlink(missing_ok=True)

    @staticmethod
    def exists(directory: str | Path) -> bool:
        """Whether there is anything of a population in a directory."""
        return any(is_there(Path(directory, name)) for name in (MANIFEST, NETWORKS))

    def _write_manifest(self) -> None:
        """Write it all or nothing: a reader never sees half a file."""
        replace(self.directory / MANIFEST, json.dumps(self.manifest, indent=2) + '\n')

    def note(self, **entries: Any) -> None:
        """Add entries to the manifest, on disk, too."""
        self.manifest = {**self.manifest, **entries}
        self._write_manifest()

    @property
    def base(self) -> Path | None:
        """The config that the networks vary; None where these are of stages."""
        path = self.directory / BASE
        return path if self.manifest.get('base') == BASE else None

    def keep_base(self, text: str) -> None:
        """Write the config that the networks vary, or see that it is the one that is there.

        Raises:
            PopulationError: if another one is there.
        """
        path = self.directory / BASE
        if is_there(path) and read_text(path) != text:
            raise PopulationError(
                f'a population must be of one base, but {path} is another one than that of the '
                'space now; --overwrite replaces it'
            )
        replace(path, text)

    @property
    def path(self) -> Path:
        """The file of the networks."""
        return self.directory / NETWORKS

    def __iter__(self) -> Iterator[SampledNetwork]:
        """Yield the networks in order, one at a time.

        Raises:
            PopulationError: naming the line that cannot be read, or has a network that was there
                before.
        """
        known: set[str] = set()
        for number, network in enumerate(self.lines(), 1):
            try:
                check_new(network.name, known)
            except ValueError as error:
                raise PopulationError(f'{self.path}:{number}: {error}') from None
            known.add(network.name)
            yield network

    def lines(self) -> Iterator[SampledNetwork]:
        """Yield a network per line, also where they do not go together.

        Raises:
            PopulationError: naming the line that cannot be read.
        """
        if not is_there(self.path):
            return
        with naming(self.path), self.path.open('rb') as lines:
            for number, line in enumerate(lines, 1):
                try:
                    yield SampledNetwork.from_line(line)
                except _MISREAD as error:
                    raise PopulationError(f'{self.path}:{number}: {error}') from None

    def drop_broken_end(self) -> None:
        """Cut off a last line that a kill left unfinished."""
        drop_broken_end(self.path)

    def append(self, networks: Iterable[SampledNetwork]) -> Iterator[SampledNetwork]:
        """Write networks as they come, behind those that are there.

        Nothing is written before the first one is asked for: whoever calls this goes through them.

        Yields:
            Each one when it is handed to the file.

        Raises:
            PopulationError: if another process is writing.
        """
        try:
            with alone_at(self.path) as file:
                for number, network in enumerate(networks, 1):
                    file.write(network.to_line())
                    if number % _FLUSH_EVERY == 0:
                        file.flush()
                    yield network
        except BlockingIOError:
            raise PopulationError(f'another process is writing {self.path}') from None


def _check_manifest(manifest: Mapping[str, Any]) -> None:
    """Check what is used of a manifest before anything else is.

    Raises:
        ValueError: if it is of another version, or names modules otherwise than as a list.
    """
    if manifest.get('format', FORMAT) != FORMAT:
        raise ValueError(f'its format must be {FORMAT}, but it is {manifest["format"]!r}')
    modules = manifest.get('custom_imports', [])
    if not isinstance(modules, list) or not all(isinstance(module, str) for module in modules):
        raise ValueError(
            f'custom_imports must be a list of names of modules, but it is {modules!r}'
        )
