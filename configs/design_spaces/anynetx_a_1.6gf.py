"""AnyNetX_A at higher flops (figure 10). The figure's regime is artwork; 1.44 to 1.6 GF is ours."""

_base_ = 'anynetx_a.py'
constraints = dict(flops=(1.44e9, 1.6e9))
