"""The file of what was measured: JSON, whole after each part, and read with distrust."""

import json
import os
import platform
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime, timezone
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import torch

from regnet_plugin.benchmarks.device import torch_device
from regnet_plugin.benchmarks.gpu_check.parts import Part, Row
from regnet_plugin.cli.errors import in_one_line
from regnet_plugin.files import read_object, replace
from regnet_plugin.training.workers import circumstances

MEASURED, FAILED, OUT_OF_TIME = STATUSES = ('measured', 'failed', 'out of time')


def _now() -> str:
    return datetime.now(timezone.utc).isoformat(timespec='seconds')


@dataclass(frozen=True)
class MeasuredPart:
    """What came of a part.

    Attributes:
        status: one of `STATUSES`; of what is not `MEASURED` the rows are those until then.
        rows: what was measured.
        message: why it failed; '' otherwise.
        seconds: that it took.
        finished: time, UTC, ISO 8601.
    """

    status: str
    rows: tuple[Row, ...]
    message: str = ''
    seconds: float = 0.0
    finished: str = field(default_factory=_now)


@dataclass(frozen=True)
class Circumstances:
    """What a measurement depends on.

    Attributes:
        device: 'cuda' or 'cpu'.
        processor: name of the GPU, or of the CPU where that is measured.
        memory: of the GPU, in bytes; None without one.
        cpu: name of the CPU.
        cores: of it.
        system: the operating system and what it is made for.
        versions: by package.
    """

    device: str
    processor: str
    memory: int | None
    cpu: str
    cores: int
    system: str
    versions: Mapping[str, str]

    def differences(self, other: 'Circumstances') -> list[str]:
        """Names of what differs; of versions those of the packages."""
        mine, theirs = asdict(self), asdict(other)
        packages, others = mine.pop('versions'), theirs.pop('versions')
        return [
            *(name for name in mine if mine[name] != theirs[name]),
            *(name for name in {**packages, **others} if packages.get(name) != others.get(name)),
        ]


@dataclass(frozen=True)
class Check:
    """What was measured on one machine with the same versions.

    Attributes:
        circumstances: of it.
        parts: what came of each, by its name.
    """

    circumstances: Circumstances
    parts: Mapping[str, MeasuredPart]

    def rows(self, name: str) -> Sequence[Any]:
        """What was measured of a part; nothing where it was not begun."""
        return self.parts[name].rows if name in self.parts else ()

    def is_done(self, part: Part) -> bool:
        """Whether a part was measured to its end."""
        return part.name in self.parts and self.parts[part.name].status == MEASURED

    def with_part(self, name: str, measured: MeasuredPart) -> 'Check':
        """The same with another part."""
        return Check(self.circumstances, {**self.parts, name: measured})


def circumstances_here() -> Circumstances:
    """The circumstances of what is measured in this process."""
    versions = circumstances.versions()
    for package in ('timm', 'torchvision', 'mmdet'):
        versions[package] = _version(package)
    memory = None
    if torch.cuda.is_available():
        memory = torch.cuda.get_device_properties(0).total_memory
        versions['cuda'] = str(torch.version.cuda)
        # PyTorch leaves it without types
        versions['cudnn'] = str(torch.backends.cudnn.version())  # type: ignore[no-untyped-call]
    return Circumstances(
        device=torch_device(),
        processor=circumstances.processor(),
        memory=memory,
        cpu=circumstances.cpu(),
        cores=os.cpu_count() or 1,
        system=f'{platform.system()} {platform.machine()}',
        versions=versions,
    )


def _version(package: str) -> str:
    """The version of a package that is perhaps not there; onedl's distributions are 'onedl-…'."""
    names = {'mmdet': ('mmdet', 'onedl-mmdetection')}.get(package, (package,))
    for name in names:
        try:
            return version(name)
        except PackageNotFoundError:
            continue
    return 'not installed'


def write_check(path: Path, check: Check) -> None:
    """Write what was measured, all or nothing."""
    replace(path, json.dumps(asdict(check), indent=1) + '\n')


def read_check(path: Path, kinds: Mapping[str, type[Row]]) -> Check | None:
    """Read what was measured.

    Args:
        path: of the file.
        kinds: of the rows of parts, by the parts' names; others are passed by.

    Returns:
        None where there is no file.

    Raises:
        ValueError: if it is none of `write_check`.
        OSError: if it cannot be read now.
    """
    try:
        values = read_object(path)
        return Check(
            circumstances=Circumstances(**values['circumstances']),
            parts={
                name: _part(kinds[name], part)
                for name, part in values['parts'].items()
                if name in kinds
            },
        )
    except FileNotFoundError:
        return None
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise ValueError(
            f'{path} must be what tools/check_gpu.py wrote, but it is not: {in_one_line(error)}'
        ) from error


def _part(kind: type[Row], values: Mapping[str, Any]) -> MeasuredPart:
    """A part of the file."""
    if values['status'] not in STATUSES:
        raise ValueError(
            f'status must be one of {", ".join(STATUSES)}, but it is {values["status"]!r}'
        )
    rows = tuple(
        kind(**{key: _frozen(value) for key, value in row.items()}) for row in values['rows']
    )
    return MeasuredPart(**{**values, 'rows': rows})


def _frozen(value: Any) -> Any:
    """A value as it was before it became JSON, which has lists only."""
    return tuple(value) if isinstance(value, list) else value
