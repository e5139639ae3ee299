"""What a launcher is: that which starts workers somewhere, and sees whether they are at work.

To add one:

1. Write a module in `regnet_plugin.launchers` with a class that has the three methods of
   `Launcher`. It starts `Worker` (see `worker`) wherever it likes, as often as it likes, and knows
   nothing else of the training: workers find their runs, and what was done of them, on the
   population's disk. `launchers.local` is the shortest example; `launchers.cluster` has what
   workers on other machines need.
2. Name it in `launchers.options`: an entry of ``_LAUNCHERS``, whose names are the choices of
   ``--launcher``; a word in the help of that option; options of its own, if it has any, with
   their entries in ``_OWNERS``.
"""

from typing import Protocol

from regnet_plugin.population.runs.planning import Work


class Launcher(Protocol):
    """Starts workers; `supervision.train_population` calls it.

    A launcher is used for one training: ``start``, then ``alive`` about once a second until that is
    false, then ``stop``; where runs are left then that somebody let go, all of that again.
    """

    def start(self, work: Work) -> None:
        """Begin to train; return as soon as workers are under way.

        Args:
            work: which runs, of which some may have ended, and how.

        Raises:
            UserError: if it cannot be, such as for want of a cluster or of GPUs.
        """

    def alive(self) -> bool:
        """Whether a worker is at work, or will be without another `start`."""

    def stop(self) -> None:
        """Let go what is being trained, and return when that is so.

        It is called at the end in any case, also twice, or if `start` raised an error.

        Raises:
            UserError: what a worker met with that keeps all of them from going on.
        """
