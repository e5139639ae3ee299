"""The project's own files, which its tests are about.

A clone may hold those of its user as well.
"""

import subprocess
from functools import cache

from killing import ROOT


@cache
def _tracked() -> frozenset | None:
    """What git tracks; None in an unpacked archive, or without git.

    There nothing tells the files apart.
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
    """Sorted paths in a folder of the project and below, by a pattern.

    It is one as `Path.glob` takes it.
    """
    found = sorted(path for path in (ROOT / folder).glob(pattern) if path.is_file())
    return found if _tracked() is None else [path for path in found if path in _tracked()]
