"""The real tools on an mmdet config of a tiny COCO set of digits.

It is trained, evaluated, dumped, flipped and drawn.
"""

import json
import math
import pickle

import cv2
import numpy as np
import pytest
import tool_process
import torch
from killing import ROOT
from mmengine.config import Config
from mmengine.registry import MODELS, init_default_scope
from private_slurm import free_ports, slurm
from sklearn.datasets import load_digits, load_sample_image
from tiny_training import finish

from regnet_plugin.models import RegNet
from regnet_plugin.population.runs.results import read_result

CONFIG = """
_base_ = 'mmdet::retinanet/retinanet_r50_fpn_1x_coco.py'
model = dict(
    backbone=dict(_delete_=True, type='regnet_plugin.RegNet', arch='regnety_200mf'),
    neck=dict(in_channels=[24, 56, 152, 368]),
    bbox_head=dict(num_classes=10),
    # an untrained detector is sure of nothing
    test_cfg=dict(score_thr=0.0, nms_pre=10, max_per_img=3))
scale = dict(type='Resize', scale=(64, 64), keep_ratio=True)
load, annotations = dict(type='LoadImageFromFile'), dict(type='LoadAnnotations', with_bbox=True)
train_pipeline = [load, annotations, scale, dict(type='PackDetInputs')]
meta_keys = ('img_id', 'img_path', 'ori_shape', 'img_shape', 'scale_factor')
test_pipeline = [load, scale, annotations, dict(type='PackDetInputs', meta_keys=meta_keys)]
flips = [dict(type='RandomFlip', prob=1.0), dict(type='RandomFlip', prob=0.0)]
pack = dict(type='PackDetInputs', meta_keys=(*meta_keys, 'flip', 'flip_direction'))
tta_pipeline = [load, dict(type='TestTimeAug', transforms=[[scale], flips, [pack]])]
dataset = dict(data_root={root!r}, ann_file='set.json', data_prefix=dict(img='images/'),
               metainfo=dict(classes=tuple('0123456789')))
train_dataloader = dict(batch_size=4, num_workers=0, persistent_workers=False,
                        dataset=dict(pipeline=train_pipeline, **dataset))
val_dataloader = dict(num_workers=0, persistent_workers=False,
                      dataset=dict(pipeline=test_pipeline, **dataset))
test_dataloader = val_dataloader
val_evaluator = dict(ann_file={root!r} + '/set.json')
test_evaluator = val_evaluator
train_cfg = dict(max_epochs=1)
"""


@pytest.fixture
def config(tmp_path):
    (tmp_path / 'images').mkdir()
    digits = load_digits()
    images, annotations = [], []
    for i in range(8):
        canvas = np.full((64, 64, 3), 127, np.uint8)
        canvas[16:48, 16:48] = cv2.resize((digits.images[i] * 255 / 16).astype(np.uint8), (32, 32))[
            ..., None
        ]
        cv2.imwrite(str(tmp_path / f'images/{i}.png'), canvas)
        images.append(dict(id=i, file_name=f'{i}.png', height=64, width=64))
        annotations.append(
            dict(
                id=i + 1,
                image_id=i,
                category_id=int(digits.target[i]),
                bbox=[16, 16, 32, 32],
                area=1024,
                iscrowd=0,
            )
        )
    categories = [dict(id=i, name=str(i)) for i in range(10)]
    (tmp_path / 'set.json').write_text(
        json.dumps(dict(images=images, annotations=annotations, categories=categories))
    )
    path = tmp_path / 'retinanet.py'
    path.write_text(CONFIG.format(root=str(tmp_path)))
    return path


@pytest.mark.acceptance
def test_a_detector_that_finds_nothing_ends_without_a_metric(config, run_tool):
    trained = run_tool(
        'train.py', config, '--work-dir', 'run', '--cfg-options', 'model.test_cfg.score_thr=0.9'
    )
    assert trained.returncode == 0, trained.stderr[-2000:]
    assert trained.stdout.splitlines()[-3].startswith('log: ')


@pytest.fixture
def recorded(config, tmp_path):
    """The config with a record of every iteration, of which each of two ranks has two."""
    path = tmp_path / 'recorded.py'
    path.write_text(
        f"_base_ = {str(config)!r}\ncustom_imports = dict(imports=['recording_hook'])\n"
        "custom_hooks = [dict(type='RecordWeights')]\ntrain_dataloader = dict(batch_size=2)\n"
    )
    return path


def check_trained_by_two_ranks(work_dir, output):
    """Check different losses, and the same weights after each of two iterations.

    One rank writes and says the result.
    """
    ranks = [
        list(map(json.loads, (work_dir / f'weights-{rank}.jsonl').read_text().splitlines()))
        for rank in (0, 1)
    ]
    assert [len(rows) for rows in ranks] == [2, 2]
    for rows in zip(*ranks):
        losses, weights = ([row[name] for row in rows] for name in ('loss', 'weights'))
        assert (
            all(map(math.isfinite, losses)) and losses[0] != losses[1] and weights[0] == weights[1]
        )
    assert ranks[0][0]['weights'] != ranks[0][1]['weights']
    assert sum(line.startswith('coco/bbox_mAP: ') for line in output.splitlines()) == 1
    assert (work_dir / 'epoch_1.pth').is_file() and (work_dir / 'curves.png').is_file()


def test_a_detector_is_trained_by_two_ranks_and_evaluated(recorded, config, run_tool, tmp_path):
    output = finish(
        ['dist_train.sh', recorded, 2, '--work-dir', 'run', '--auto-scale-lr'],
        tmp_path,
        PORT=str(free_ports(1)[0]),
    )
    check_trained_by_two_ranks(tmp_path / 'run', output)
    tested = run_tool(
        'test.py',
        config,
        'run/epoch_1.pth',
        '--work-dir',
        'tested',
        '--out',
        'detections.pkl',
        '--show-dir',
        'shown',
        '--cfg-options',
        'default_hooks.visualization.score_thr=0.0',
    )
    assert tested.returncode == 0, tested.stderr[-2000:]
    assert any(line.startswith('coco/bbox_mAP_50: ') for line in tested.stdout.splitlines())
    assert len(pickle.loads((tmp_path / 'detections.pkl').read_bytes())) == 8
    for i in range(8):
        image, drawn = (
            cv2.imread(str(tmp_path / folder / f'{i}.png')) for folder in ('images', 'shown')
        )
        assert drawn.shape == (64, 128, 3)  # what is there, and what was found
        assert (drawn[:, :64] != image).any() and (drawn[:, 64:] != image).any()
    flipped = run_tool('test.py', config, 'run/epoch_1.pth', '--work-dir', 'flipped', '--tta')
    assert flipped.returncode == 0, flipped.stderr[-2000:]


@pytest.mark.acceptance
def test_slurm_trains_a_detector(recorded, tmp_path_factory, tmp_path):
    with slurm(tmp_path_factory.mktemp('slurm')) as cluster:
        output = finish(
            ['slurm_train.sh', 'main', 'detector', recorded, '--work-dir', 'run'],
            tmp_path,
            **cluster,
            GPUS='2',
            GPUS_PER_NODE='0',
            CPUS_PER_TASK='1',
        )
    check_trained_by_two_ranks(tmp_path / 'run', output)


DRAW = """
import sys
from mmdet.apis import DetInferencer
inferencer = DetInferencer(sys.argv[1], device='cpu', show_progress=False)
inferencer(sys.argv[2], out_dir='drawn', no_save_pred=False, pred_score_thr=0.0)
"""


def test_the_inferencer_draws_what_it_finds_on_an_image_file(config, tmp_path):
    photograph = load_sample_image('china.jpg')
    cv2.imwrite(str(tmp_path / 'china.png'), photograph[..., ::-1])
    (tmp_path / 'draw.py').write_text(DRAW)
    done = tool_process.run(tmp_path / 'draw.py', [str(config), 'china.png'], tmp_path, timeout=120)
    assert done.returncode == 0, done.stderr[-2000:]
    drawn = cv2.imread(str(tmp_path / 'drawn/vis/china.png'))[..., ::-1]
    assert drawn.shape == photograph.shape
    # boxes and labels, and the rest is the photograph
    assert 0.001 < (drawn != photograph).any(axis=2).mean() < 0.5
    found = json.loads((tmp_path / 'drawn/preds/china.json').read_text())
    assert 1 <= len(found['bboxes']) == len(found['scores']) <= 3


@pytest.mark.acceptance
def test_a_checkpoint_of_mmdets_own_regnet_is_tested_to_the_same_detections(
    config, run_tool, tmp_path
):
    """Only the type of the backbone differs; nothing of the checkpoint is missing or left over."""
    backbone = "backbone=dict(_delete_=True, type={!r}, arch='regnetx_400mf', norm_eval=True)"
    for name, kind in (('theirs', 'RegNet'), ('ours', 'regnet_plugin.RegNet')):
        (tmp_path / f'{name}.py').write_text(
            f'_base_ = {str(config)!r}\nmodel = dict({backbone.format(kind)}, '
            'neck=dict(in_channels=[32, 64, 160, 384]))\n'
        )
    trained = run_tool('train.py', 'theirs.py', '--work-dir', 'run')
    assert trained.returncode == 0, trained.stderr[-2000:]
    found = []
    for name in ('theirs', 'ours'):
        tested = run_tool(
            'test.py', f'{name}.py', 'run/epoch_1.pth', '--work-dir', name, '--out', f'{name}.pkl'
        )
        assert tested.returncode == 0, tested.stderr[-2000:]
        found.append(pickle.loads((tmp_path / f'{name}.pkl').read_bytes()))
    assert len(found[0]) == 8
    for theirs, ours in zip(
        *(map(lambda image: image['pred_instances'], images) for images in found)
    ):
        assert len(theirs['scores']) == 3
        assert all(torch.equal(theirs[key], ours[key]) for key in ('bboxes', 'scores', 'labels'))
    init_default_scope('mmdet')
    detector = MODELS.build(Config.fromfile(tmp_path / 'ours.py').model)
    assert type(detector.backbone) is RegNet
    detector.load_state_dict(
        torch.load(tmp_path / 'run/epoch_1.pth', weights_only=False)['state_dict'], strict=True
    )


def test_a_population_of_detectors_is_trained(config, run_tool, tmp_path):
    sampled = run_tool(
        'sample_population.py',
        ROOT / 'configs/design_spaces/regnetx.py',
        '--size',
        2,
        '--flops',
        1e8,
        2e8,
        '--out',
        'population',
    )
    assert sampled.returncode == 0, sampled.stderr
    trained = run_tool('train_population.py', 'population', config)
    assert trained.returncode == 0 and '2 of 2 networks trained' in trained.stdout, trained.stderr
    networks = [
        json.loads(line)
        for line in (tmp_path / 'population/architectures.jsonl').read_text().splitlines()
    ]
    for name, network in zip(('000000-0', '000001-0'), networks):
        folder = tmp_path / 'population/runs/retinanet' / name
        model = Config.fromfile(folder / 'config.py').model
        assert (
            model.type == 'RetinaNet'
            and model.neck.in_channels == network['architecture']['widths']
        )
        result = read_result(folder)
        logged = [
            json.loads(line)
            for path in folder.glob('*/vis_data/scalars.json')
            for line in path.read_text().splitlines()
        ]
        assert result.metric == 'coco/bbox_mAP' and result.last_epoch == 1 and result.loss > 0
        assert result.last_error == pytest.approx(100 * (1 - logged[-1]['coco/bbox_mAP']))
