#!/usr/bin/env python
"""Write a network as an ONNX file or a program of torch.export: tools/export.py --help."""

from pathlib import Path

from regnet_plugin.cli.arguments import Parser
from regnet_plugin.cli.errors import exit_on_user_error
from regnet_plugin.cli.next_steps import run_exported, say_next
from regnet_plugin.cli.printing import say

NOTES = """The outputs are a classifier's scores before softmax, or the maps of a detector's neck, without what it makes
of them; with --part backbone, the maps that the backbone gives. Batch, height and width are free, or those of --shape. Before
the file is there, it is compared with the network, an ONNX file in onnxruntime.

What the images must have undergone is printed, and in the file, as JSON:
  onnxruntime.InferenceSession('digits.onnx').get_modelmeta().custom_metadata_map['preprocessing']
  torch.export.load('detector.pt2', extra_files=(found := dict(preprocessing='')))    and is in found"""  # noqa: E501  as it is printed
EXAMPLES = """\
  tools/export.py configs/regnetx_6.5mf_digits.py work_dirs/regnetx_6.5mf_digits/epoch_15.pth --out digits.onnx
  tools/export.py DETECTOR_CONFIG CHECKPOINT --out detector.pt2
  tools/export.py regnety_400mf --out regnety_400mf.onnx    new weights, 1000 classes
  tools/export.py regnety_3.2gf pycls://RegNetY-3.2GF --out regnety_3.2gf.onnx    the authors'
  tools/export.py work_dirs/regnetx/runs/dds_10e_imagenet/000007-0/config.py CHECKPOINT --out network.onnx
  tools/export.py regnety_400mf --out fixed.onnx --shape 1 224 224 --opset 18    for runtimes that want both said
  tools/export.py depth=24,w_0=32,w_a=8,w_m=2,group_width=16 --part backbone --out network.onnx"""  # noqa: E501  as it is printed


def main() -> None:
    parser = Parser(
        description='Write a network of a config, or a RegNet, for inference elsewhere: as ONNX or '
        'as a program of torch.export, with batch normalization folded into the convolutions.',
        notes=NOTES,
        examples=EXAMPLES,
        guide='weights',
    )
    parser.add_argument(
        'network', help='path of a config of mmpretrain or mmdet, a published name, or parameters'
    )
    parser.add_argument(
        'checkpoint', nargs='?', help='file or address of its weights; default: new ones'
    )
    parser.add_argument(
        '--out', required=True, metavar='FILE', help='.onnx, or .pt2 for torch.export'
    )
    parser.add_argument(
        '--part', choices=['network', 'backbone'], default='network', help='default: network'
    )
    parser.add_argument(
        '--shape',
        nargs=3,
        type=int,
        metavar=('BATCH', 'HEIGHT', 'WIDTH'),
        help='the only images that the file takes; default: any',
    )
    parser.add_argument(
        '--opset', type=int, help="version of ONNX's operators; default: PyTorch's exporter's"
    )
    args = parser.parse_args()
    # after --help: imports torch
    from regnet_plugin.cli.progress import progress_bar
    from regnet_plugin.export.exported_file import check_path, export
    from regnet_plugin.export.form import Form
    from regnet_plugin.export.network import load_network
    from regnet_plugin.export.preprocessing import in_words

    out = Path(args.out)
    check_path(out)
    form = Form(tuple(args.shape) if args.shape else None, args.opset)
    with progress_bar() as tell:
        network = load_network(args.network, args.checkpoint, args.part)
        difference = export(network, out, tell, form)
    say(f'weights:    {args.checkpoint or "new ones, not trained"}')
    say(f'images:     (N, {network.in_channels}, H, W), float32, {in_words(network.preprocessing)}')
    say(f'difference: {difference:.1e} of the largest output, at most')
    say(f'written:    {out}')
    say_next(run_exported(out))


if __name__ == '__main__':
    exit_on_user_error(main)
