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
from regnet_plugin.study.looking import look_at_pairs, looked_text, networks_needed
from regnet_plugin.study.plan import Part, Plan
from regnet_plugin.study.plan_file import (
    commands_of,
    commands_of_some,
    is_done,
    selection_of,
    training_commands,
)
from regnet_plugin.study.rehearsal import rehearse_plan
from regnet_plugin.study.results import SELECTION, keep_results


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
        wanted = [part for part in self.plan.parts if only is None or part.key in only]
        looked_at = [part for part in wanted if self.plan.is_looked_at(part)]
        going_on = self._needed(looked_at)
        left = [part for part in wanted if part not in looked_at]
        left = [part for part in left if not is_done(part, self.results)]
        selecting = (
            self.plan.selection is not None
            and only is None
            and not (self.results / SELECTION).exists()
        )
        begun = [part for part in looked_at if part.key in going_on]
        if left or begun or selecting:
            say('trying each recipe with a network', sys.stderr)
            rehearse_plan(self.plan, [*begun, *left], selecting)
        self._train_by_looks(looked_at)
        start = time.monotonic()
        for number, part in enumerate(left, 1):
            commands = commands_of(self.plan, part, self.work_dir, self.results, self.workers)
            for command in commands:
                self._run(command)
            if not self.dry_run:
                say(_standing(left, number, time.monotonic() - start))
        if selecting:
            self._select()

    def _needed(self, looked_at: Sequence[Part]) -> dict[str, list[int]]:
        """Networks that parts need for their next looks, of those parts that are wanted."""
        if not looked_at:
            return {}
        keys = {part.key for part in looked_at}
        needed = networks_needed(self.plan, self.results)
        return {key: numbers for key, numbers in needed.items() if key in keys}

    def _train_by_looks(self, looked_at: Sequence[Part]) -> None:
        """Train as many networks of each part as its pairs need, look by look."""
        while needed := self._needed(looked_at):
            for key, networks in needed.items():
                self._train_some(self.plan.part(key), networks)
            if self.dry_run:
                return
            for looked in look_at_pairs(self.plan, self.results):
                say(looked_text(self.plan, looked))

    def _train_some(self, part: Part, networks: Sequence[int]) -> None:
        """Train some networks of a part, and add their results to its table."""
        table = self.results / f'{part.key}.jsonl'
        written = self.work_dir / f'{part.key}.jsonl'
        for command in commands_of_some(
            self.plan, part, networks, self.work_dir, written, self.workers
        ):
            self._run(command)
        if not self.dry_run:
            keep_results(written, table, part.seed)

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
