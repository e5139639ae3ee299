"""The tests that need a GPU, run by pytest."""

import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

# What pytest ends with where tests ran to their end: all passed, or some did not.
_RAN = (0, 1)


@dataclass(frozen=True)
class GpuTests:
    """What came of the tests.

    Attributes:
        passed: how many.
        skipped: likewise; where PyTorch sees no GPU all of them are.
        failed: their names.
    """

    passed: int
    skipped: int
    failed: tuple[str, ...]


def run_gpu_tests(folder: Path) -> GpuTests:
    """Run the tests of a folder in a process of their own.

    Raises:
        RuntimeError: if pytest cannot run them; its last words.
    """
    with tempfile.TemporaryDirectory() as scratch:
        report = Path(scratch, 'report.xml')
        command = [sys.executable, '-m', 'pytest', folder, '-q', '-p', 'no:cacheprovider']
        done = subprocess.run(
            [*map(str, command), f'--junitxml={report}'],
            cwd=folder.parent.parent,
            capture_output=True,
            text=True,
        )
        if done.returncode not in _RAN:
            words = (done.stderr or done.stdout).strip().splitlines()
            raise RuntimeError(f'pytest ended with {done.returncode}: {words[-1:]}')
        return _outcomes(report.read_text())


def _outcomes(report: str) -> GpuTests:
    """What a report in JUnit's XML says."""
    cases = ElementTree.fromstring(report).findall('.//testcase')
    skipped = [case for case in cases if case.find('skipped') is not None]
    failed = [
        case for case in cases if case.find('failure') is not None or case.find('error') is not None
    ]
    return GpuTests(
        passed=len(cases) - len(skipped) - len(failed),
        skipped=len(skipped),
        failed=tuple(case.get('name', '') for case in failed),
    )
