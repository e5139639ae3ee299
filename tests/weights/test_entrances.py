"""Every way in for weights, in this process.

In tests/acceptance the tools themselves run, with more files.
"""

import pickle
import time

import pytest
import torch
from broken_weights import BROKEN
from foreign_weights import difference, publish, scores_of
from killing import ROOT
from tiny_imagenet import make_tiny_imagenet

from regnet_plugin.cli.errors import UserError
from regnet_plugin.export.network import load_network
from regnet_plugin.training import trainer, training_config
from regnet_plugin.training.arguments import parse_test_arguments, parse_train_arguments
from regnet_plugin.training.testing import tester, testing_config

DIGITS = str(ROOT / 'configs/regnetx_6.5mf_digits.py')
PRETRAINED = ('model.backbone.init_cfg.type=Pretrained', 'model.backbone.init_cfg.checkpoint={}')
ENTRANCES = {
    'test.py': ['{}'],
    'load_from': ['load_from={}'],
    '--resume': ['--resume', '{}'],
    'resume in the config': ['resume=True', 'load_from={}'],
    'init_cfg': PRETRAINED,
    'init_cfg with a prefix': [*PRETRAINED, 'model.backbone.init_cfg.prefix=backbone.'],
    'export.py': ['{}'],
}


def enter(entrance, path, work_dir):
    """Do what the tools do, up to their main function."""
    words = [word.format(path) for word in ENTRANCES[entrance]]
    if entrance == 'export.py':
        return load_network('regnetx_200mf', words[0])
    plain = words if entrance in ('test.py', '--resume') else []
    options = [
        f'experiment_name={work_dir.name}-{time.monotonic_ns()}',
        'train_dataloader.num_workers=0',
        *(words if not plain else []),
    ]
    arguments = [DIGITS, *plain, '--work-dir', str(work_dir), '--cfg-options', *options]
    if entrance == 'test.py':
        return tester.test(testing_config.testing_config(parse_test_arguments(arguments)))
    return trainer.train(training_config.training_config(parse_train_arguments(arguments)))


@pytest.mark.parametrize('entrance', ENTRANCES)
def test_code_in_a_file_is_refused_in_one_line(broken, tmp_path, entrance):
    with pytest.raises(UserError, match=BROKEN['harm.pth']) as caught:
        enter(entrance, broken / 'harm.pth', tmp_path)
    assert '\n' not in str(caught.value) and str(broken / 'harm.pth') in str(caught.value)
    assert not (broken / 'trace').exists()


@torch.inference_mode()
def test_evaluation_by_name_predicts_what_timm_does(server, tmp_path):
    """The first pictures of a small ImageNet, with the weights of pycls's server.

    In tests/acceptance it is RegNetY-3.2GF.
    """
    images = make_tiny_imagenet(tmp_path / 'imagenet')[1]  # whose 12 classes may be of 1000
    peer, address, _ = publish('pycls', 'regnety_200mf', server.folder)
    out = tmp_path / 'predictions.pkl'
    tester.test(
        testing_config.testing_config(
            parse_test_arguments(
                [
                    str(ROOT / 'configs/regnety_200mf_imagenet.py'),
                    address,
                    '--out',
                    str(out),
                    '--work-dir',
                    str(tmp_path / 'work'),
                    '--cfg-options',
                    f'test_dataloader.dataset.data_root={images}',
                    'test_dataloader.dataset.indices=6',
                    'test_dataloader.num_workers=0',
                    'test_dataloader.batch_size=6',
                ]
            )
        ),
        out=str(out),
    )
    predictions = pickle.loads(out.read_bytes())
    assert len(predictions) == 6
    for line, prediction in zip((images / 'meta/val.txt').read_text().splitlines(), predictions):
        expected = scores_of(peer, images / 'val' / line.split()[0])
        # softmax multiplies what differs
        assert difference(prediction['pred_score'], expected) <= 1e-4
