"""The project's own files: a clone may hold those of its user as well, which the project's tests
are not about.
"""

import subprocess
from functools import cache

from killing import ROOT


@cache
def _tracked() -> frozenset | None:
    """What git tracks; None in an unpacked archive, or without git, where nothing tells the files
    apart.
    """
    if not (ROOT / '.git').exists():
        return None
    # a clone may belong to another user
    command = ['git', '-c', 'safe.directory=*', 'ls-files', '-z']
    try:
        names = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    except (FileNotFoundError, subprocess.CalledProcessError):
        return None
    return frozenset(ROOT / name for name in names.split('\0') if name)


def own_files(folder: str, pattern: str) -> list:
    """Paths in a folder of the project and those below, by a pattern as `Path.glob` takes it,
    sorted.
    """
    found = sorted(path for path in (ROOT / folder).glob(pattern) if path.is_file())
    return found if _tracked() is None else [path for path in found if path in _tracked()]
