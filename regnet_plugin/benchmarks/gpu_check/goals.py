"""What the check is to reach on a GPU, and what it has."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from regnet_plugin.benchmarks.gpu_check.form import Form
from regnet_plugin.benchmarks.gpu_check.parts import EAGER, KINDS, fast_path_of, steps_of
from regnet_plugin.benchmarks.gpu_check.record import Check
from regnet_plugin.benchmarks.library_comparison import ComparedStep

EAGER_GOAL = 1.0  # timm's time by ours, both eager
FAST_GOAL = 1.2  # timm's time in eager mode by ours on the fast path


@dataclass(frozen=True)
class Goal:
    """A ratio that is to be reached.

    Attributes:
        what: is compared.
        wanted: at least this.
        found: the ratio; None where it is not measured.
    """

    what: str
    wanted: float
    found: float | None

    @property
    def outcome(self) -> str:
        """Whether it is reached, in a word or two."""
        if self.found is None:
            return 'not measured'
        return 'reached' if self.found >= self.wanted else 'missed'


def goals_of(form: Form, check: Check) -> Iterator[Goal]:
    """The goals, network by network, with what was measured of them."""
    for network in form.networks:
        steps = check.rows(steps_of(network))
        for kind in KINDS:
            of_kind = [step for step in steps if step.kind == kind]
            yield Goal(
                f'{network}, {kind}: time of timm, eager, by ours, eager',
                EAGER_GOAL,
                time_ratio(of_kind, (EAGER, 'timm'), (EAGER, 'ours')),
            )
        yield Goal(
            f'{network}, training: time of timm, eager, by ours on the fast path',
            FAST_GOAL,
            time_ratio(
                check.rows(fast_path_of(network)), (EAGER, 'timm'), (form.fast_path, 'ours')
            ),
        )


def time_ratio(
    steps: Sequence[ComparedStep], one: tuple[str, str], other: tuple[str, str]
) -> float | None:
    """The time of one contestant by that of another of the same rounds, median over the rounds.

    Args:
        steps: of one network and kind, timed in turn.
        one: path and library.
        other: likewise.

    Returns:
        None where one of them was not timed.
    """
    timings = {(step.path, step.library): step.timing for step in steps}
    if one not in timings or other not in timings:
        return None
    return timings[one].ratio_to(timings[other])
