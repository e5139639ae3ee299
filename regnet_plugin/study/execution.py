"""Carrying out a plan: the commands of its parts, one after the other, shown before they run."""

import shlex
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from regnet_plugin.cli.errors import UserError
from regnet_plugin.cli.printing import say
from regnet_plugin.study.plan import Part, Plan
from regnet_plugin.study.plan_file import commands_of, is_done, selection_of, training_commands
from regnet_plugin.study.rehearsal import rehearse_plan
from regnet_plugin.study.results import SELECTION


@dataclass(frozen=True)
class Execution:
    """A plan with all that is needed to carry it out.

    Attributes:
        plan: what is to be done.
        work_dir: folder of the populations.
        results: folder of the tables.
        workers: networks trained at a time.
        tools: folder of the tools that the commands are of.
        dry_run: whether commands are only shown.
    """

    plan: Plan
    work_dir: Path
    results: Path
    workers: int
    tools: Path
    dry_run: bool = False

    def carry_out(self, only: Sequence[str] | None) -> None:
        """Do what is left of the plan, after each recipe was tried with a network.

        Args:
            only: keys of the parts that are wanted; None for all, and for the selection.

        Raises:
            ValueError: if a key is none of the plan, or the plan cannot be carried out.
            UserError: if a command fails.
        """
        _check_keys(self.plan, only)
        left = []
        for part in self.plan.parts:
            if (only is None or part.key in only) and not is_done(part, self.results):
                left.append(part)
        selecting = (
            self.plan.selection is not None
            and only is None
            and not (self.results / SELECTION).exists()
        )
        if left or selecting:
            say('trying each recipe with a network', sys.stderr)
            rehearse_plan(self.plan, left, selecting)
        start = time.monotonic()
        for number, part in enumerate(left, 1):
            commands = commands_of(self.plan, part, self.work_dir, self.results, self.workers)
            for command in commands:
                self._run(command)
            if not self.dry_run:
                say(_standing(left, number, time.monotonic() - start))
        if selecting:
            self._select()

    def _run(self, command: Sequence[object]) -> None:
        """Show a command, and carry it out unless commands are only shown."""
        tool, *arguments = map(str, command)
        say('$ tools/' + shlex.join([tool, *arguments]))
        if self.dry_run:
            return
        # without input: what to do next is this plan's affair, and no command is to speak of it
        code = subprocess.run(
            [sys.executable, self.tools / tool, *arguments], stdin=subprocess.DEVNULL
        ).returncode
        if code:
            raise UserError(
                f'tools/{tool} ended with exit code {code}; what was done until then is kept'
            )

    def _select(self) -> None:
        """Train the best network again, beside others, and keep the table of their errors.

        Where the tables are of another machine, the networks that it is chosen from are trained
        first.
        """
        assert self.plan.selection is not None  # `carry_out` has seen it
        source = self.plan.part(self.plan.selection.of)
        for command in training_commands(self.plan, source, self.work_dir, self.workers):
            self._run(command)
        command, table = selection_of(self.plan, self.work_dir, self.workers)
        self._run(command)
        if not self.dry_run:
            shutil.copy(table, self.results / SELECTION)


def _check_keys(plan: Plan, keys: Sequence[str] | None) -> None:
    known = [part.key for part in plan.parts]
    unknown = set(keys or ()) - set(known)
    if unknown:
        raise ValueError(
            f'--only must name parts ({", ".join(known)}), but it names '
            f'{", ".join(sorted(unknown))}'
        )


def _standing(parts: Sequence[Part], done: int, seconds: float) -> str:
    """Say how many parts are done, in which time, and how long the others will take.

    That is estimated as if all networks took equally long.
    """
    trained = sum(part.size for part in parts[:done])
    others = sum(part.size for part in parts[done:])
    left = f', about {seconds * others / trained / 60:.0f} minutes left' if others else ''
    return (
        f'{parts[done - 1].name} is done: {done} of {len(parts)} parts in '
        f'{seconds / 60:.1f} minutes{left}\n'
    )
