#!/usr/bin/env python
"""Write a trained population as a journal of Optuna: tools/export_optuna.py --help."""

import sys

from regnet_plugin.cli.arguments import Parser
from regnet_plugin.cli.errors import UserError, exit_on_user_error, refused
from regnet_plugin.cli.next_steps import explore, say_next
from regnet_plugin.cli.printing import say

NOTES = """In Python:
  storage = optuna.storages.JournalStorage(optuna.storages.journal.JournalFileBackend('work_dirs/regnetx/optuna.log'))
  optuna.load_study(study_name='regnetx, dds_10e_imagenet', storage=storage).trials_dataframe()

A study per recipe, a trial per run that ended: nominal parameters (of stages: depths_1, depths_2, …), the error of the last
epoch in percent as its value, the errors of all evaluations as intermediate values, complexity, seconds and seed as user
attributes. Failed runs are failed trials; runs that have not ended are left out. A later export replaces the file."""  # noqa: E501  as it is printed
EXAMPLES = """\
  tools/export_optuna.py work_dirs/regnetx      writes work_dirs/regnetx/optuna.log
  tools/export_optuna.py work_dirs/anynetx_a    and that of another one"""


def main() -> None:
    parser = Parser(
        description='Write the runs of a population as a journal of Optuna.',
        notes=NOTES,
        examples=EXAMPLES,
        guide='populations',
    )
    parser.add_argument('population', help='folder that tools/train_population.py has trained')
    args = parser.parse_args()
    from regnet_plugin.population.exports.optuna import export_optuna
    from regnet_plugin.population.store import Population

    try:
        with refused(ValueError, OSError):
            export = export_optuna(Population.open(args.population))
    except ModuleNotFoundError as error:
        raise UserError(
            f"the export needs Optuna, but there is {error}: pip install 'regnet_plugin[optuna]'"
        ) from error
    for note in export.notes:
        say(f'note: {note}', sys.stderr)
    for recipe, counts in export.studies.items():
        say(
            f'{recipe}: {counts["complete"]:,} trials, {counts["failed"]:,} failed; '
            f'{counts["planned"]:,} of {counts["sampled"]:,} networks planned'
        )
    say(export.path)
    say_next(explore(export.path))


if __name__ == '__main__':
    exit_on_user_error(main)
