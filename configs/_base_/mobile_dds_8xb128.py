"""A mobile network of table 2 with the recipe of the RegNets beside it.

The recipe is ours: the errors that table 2 gives for these networks are those of their own papers, other recipes.
"""

_base_ = 'regnet_dds_8xb128.py'

model = dict(backbone=dict(_delete_=True))
