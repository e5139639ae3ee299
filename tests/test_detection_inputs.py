"""What a detector's user gets wrong: one line each, from the tool."""

import json

import pytest
import torch
from killing import ROOT
from mmdet.datasets import CocoDataset
from mmengine.config import Config
from mmengine.dataset import ConcatDataset, RepeatDataset
from tiny_coco import write_coco
from torch._utils import ExceptionWrapper
from torch.utils.data import TensorDataset

from regnet_plugin.cli.errors import UserError
from regnet_plugin.cli.guides import guide
from regnet_plugin.models import RegNet
from regnet_plugin.training.checks.classes.detectors import check_categories, check_heads
from regnet_plugin.training.checks.data import check_data
from regnet_plugin.training.checks.unreadable_files import files_explained

CONFIGS = ROOT / 'configs/detection'
PLAIN, REPEATED = (
    CONFIGS / f'faster-rcnn_regnetx_{end}_coco.py' for end in ('3.2gf_fpn_1x', '400mf_fpn_ms-3x')
)


RTMDET = CONFIGS / 'rtmdet_regnety_4.0gf_8xb32-300e_coco.py'
NO_WORKERS = ('train_dataloader.num_workers=0', 'val_dataloader.num_workers=0')
NOTHING = (
    'no data at data/coco/annotations/instances_train2017.json. data/coco should hold '
    'annotations/instances_train2017.json, train2017/, annotations/instances_val2017.json, '
    f'val2017/; put it there, or a link to it (guide: {guide("own_data")}), or name its place: '
    '--cfg-options '
    'train_dataloader.{}.data_root=FOLDER val_dataloader.dataset.data_root=FOLDER '
    'val_evaluator.ann_file=FOLDER/annotations/instances_val2017.json'
)
NOTHING_TO_TEST = (
    'no data at data/coco/annotations/instances_val2017.json. data/coco should hold '
    'annotations/instances_val2017.json, val2017/; put it there, or a link to it '
    f'(guide: {guide("own_data")}), or name its place: '
    '--cfg-options test_dataloader.dataset.data_root=FOLDER '
    'test_evaluator.ann_file=FOLDER/annotations/instances_val2017.json'
)


def message(path, loaders=('train_dataloader', 'val_dataloader')):
    with pytest.raises(UserError) as error:
        check_data(Config.fromfile(path), 'c.py', loaders)
    return str(error.value).removeprefix('c.py: ')


def test_without_coco_one_line_says_which_files_are_expected_where(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert message(PLAIN) == NOTHING.format('dataset') and message(REPEATED) == NOTHING.format(
        'dataset.dataset'
    )
    assert message(PLAIN, ['test_dataloader']) == NOTHING_TO_TEST
    write_coco(tmp_path / 'data/coco', images=1)
    check_data(
        Config.fromfile(PLAIN), 'c.py', ['train_dataloader', 'val_dataloader', 'test_dataloader']
    )
    (tmp_path / 'data/coco/val2017').rename(tmp_path / 'data/coco/images')
    assert message(PLAIN).startswith(
        'no data at data/coco/val2017. data/coco should hold annotations/instances_val2017.'
    )


@pytest.fixture
def coco(tmp_path):
    """Build mmdet's dataset around a file of COCO's 80 categories with other classes.

    They have the ids 1 'person' to 80 'toothbrush'.
    """
    write_coco(tmp_path, images=1)

    def build(classes, **options):
        return CocoDataset(
            data_root=str(tmp_path),
            ann_file='annotations/instances_train2017.json',
            data_prefix=dict(img='train2017'),
            metainfo=dict(classes=classes),
            **options,
        )

    return build


def test_each_class_must_be_a_category_of_the_file(coco, tmp_path):
    check_categories(coco(('toothbrush', 'person')))
    wrong = coco(('Person', 'toothbrush'))
    for dataset in (wrong, RepeatDataset(wrong, times=2), ConcatDataset([wrong, wrong])):
        with pytest.raises(ValueError) as error:
            check_categories(dataset)
        assert str(error.value) == (
            f'{tmp_path}/annotations/instances_train2017.json must have a category named like each '
            'of the classes, but it has 1 of the 2 (Person, toothbrush); name yours: '
            'dataset.metainfo.classes'
        )
    check_categories(TensorDataset(torch.zeros(1)))
    with pytest.raises(
        ValueError,
        match=r"must be a list or tuple of names, such as \('person', \), but it is 'person'",
    ):
        check_categories(coco('person'))


NO_LABELS = dict(images=[], annotations=[], categories=[dict(id=1, name='person')])


@pytest.mark.parametrize(
    'text, said',
    [
        ('{"images": [', 'JSONDecodeError: Expecting value: line 1 column 13 (char 12)'),
        ('{}', 'KeyError: categories'),
        (
            json.dumps(NO_LABELS),
            'no image is left that is large enough and has a label of the classes',
        ),
    ],
)
def test_annotations_that_cannot_be_used_are_named(coco, tmp_path, text, said):
    file = tmp_path / 'annotations/instances_train2017.json'
    file.write_text(text)
    with pytest.raises(UserError) as error, files_explained('c.py'):
        coco(('person',))
    assert str(error.value) == f'c.py: {file} cannot be used: {said}'


@pytest.mark.parametrize(
    'content, said',
    [
        (None, '[Errno 2] No such file or directory: {!r}'),
        (b'no image', 'failed to load image: {}'),
        (b'', 'a file of an image is empty; find FOLDER -empty says which'),
    ],
)
def test_images_that_cannot_be_read_are_named(coco, tmp_path, content, said):
    dataset = coco(('person',), pipeline=[dict(type='LoadImageFromFile')])
    image = tmp_path / 'train2017/0.jpg'
    image.unlink()
    if content is not None:
        image.write_bytes(content)
    with pytest.raises(UserError) as error, files_explained('c.py'):
        dataset[0]
    assert str(error.value) == f'c.py: {said.format(str(image))}'
    with pytest.raises(UserError) as error, files_explained('c.py'):
        try:
            dataset[0]
        except Exception:  # what a worker sends to the process that reads from it, which raises it
            ExceptionWrapper(where='in DataLoader worker process 0').reraise()
    assert str(error.value) == f'c.py: {said.format(str(image))}'


def test_other_errors_are_left_alone():
    for error in (AssertionError('a bug'), AssertionError(), KeyError('a bug'), OSError('disk')):
        with pytest.raises(type(error)), files_explained('c.py'):
            raise error


def test_heads_must_have_a_class_for_each_label(coco):
    from mmdet.models import RPNHead, Shared2FCBBoxHead

    second = torch.nn.ModuleDict(
        dict(bbox_head=Shared2FCBBoxHead(in_channels=8, fc_out_channels=8, num_classes=3))
    )
    detector = torch.nn.ModuleDict(dict(rpn_head=RPNHead(in_channels=8), roi_head=second))
    assert detector['rpn_head'].num_classes == 1
    check_heads(detector, coco(('person', 'bicycle', 'car')))
    for classes in (('person', 'bicycle', 'car', 'bus'), ('person',)):
        with pytest.raises(ValueError) as error:
            check_heads(detector, coco(classes))
        assert str(error.value) == (
            "model.roi_head.bbox_head.num_classes must be the number of the dataset's classes, "
            f'{len(classes)}, but it is 3'
        )
    check_heads(detector, TensorDataset(torch.zeros(1)))


@pytest.fixture
def refusal(tmp_path, run_tool):
    """Run a tool that refuses; returns its last line."""

    def run(tool, *arguments):
        done = run_tool(tool, *arguments)
        assert done.returncode == 2 and 'Traceback' not in done.stderr, done.stderr
        return done.stderr.splitlines()[-1]

    return run


@pytest.mark.acceptance
def test_the_tools_without_coco(refusal):
    assert (
        refusal('train.py', REPEATED) == f'error: {REPEATED}: {NOTHING.format("dataset.dataset")}'
    )
    assert refusal('test.py', PLAIN, 'x.pth') == f'error: {PLAIN}: {NOTHING_TO_TEST}'


@pytest.mark.acceptance
def test_the_advice_is_enough(run_tool, refusal, tmp_path):
    """With the options of the message the data is found, also for the evaluation."""
    write_coco(tmp_path / 'elsewhere', images=2)
    options = (
        refusal('train.py', REPEATED)
        .split('--cfg-options ')[1]
        .replace('FOLDER', 'elsewhere')
        .split()
    )
    done = run_tool(
        'train.py',
        REPEATED,
        '--cfg-options',
        *options,
        'train_cfg.max_epochs=1',
        'train_dataloader.dataset.times=1',
        'model.backbone.init_cfg=None',
        'model.test_cfg.rcnn.score_thr=0.0',
        *NO_WORKERS,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert any(line.startswith('coco/bbox_mAP: ') for line in done.stdout.splitlines())


@pytest.mark.acceptance
def test_a_neck_that_does_not_fit(refusal, tmp_path):
    write_coco(tmp_path / 'data/coco', images=1)
    rule = "model.neck.in_channels must be the widths of the backbone's outputs"
    assert refusal(
        'train.py', PLAIN, '--cfg-options', 'model.neck.in_channels=[96,192,432,1000]'
    ) == (f'error: {PLAIN}: {rule}, [96, 192, 432, 1008], but it is [96, 192, 432, 1000]')
    assert refusal(
        'train.py', RTMDET, '--cfg-options', 'model.neck.in_channels=[192,512,1096]'
    ) == (f'error: {RTMDET}: {rule}, [192, 512, 1088], but it is [192, 512, 1096]')


@pytest.mark.acceptance
def test_weights_of_another_size(refusal, tmp_path):
    write_coco(tmp_path / 'data/coco', images=1)
    torch.save(
        dict(state_dict=RegNet('regnetx_800mf').state_dict()), tmp_path / 'regnetx_800mf.pth'
    )
    said = refusal(
        'train.py',
        REPEATED,
        '--cfg-options',
        'model.backbone.init_cfg.checkpoint=regnetx_800mf.pth',
    )
    assert said.startswith(
        f'error: {REPEATED}: regnetx_800mf.pth: weights must be those of the network, '
    )
    assert (
        'are of another shape, first layer1.0.downsample.0.weight is 64x32x1x1, not 32x32x1x1'
        in said
    )


@pytest.mark.acceptance
def test_the_command_of_the_page_starts_from_weights_of_a_classifiers_training(run_tool, tmp_path):
    """Up to the first iterations; the checkpoint has the names of one by the ImageNet config."""
    write_coco(tmp_path / 'data/coco', images=2)
    command = (
        (ROOT / 'docs/how_to/detection.md')
        .read_text()
        .split('## Weights')[1]
        .split('```sh\n')[1]
        .split('```')[0]
    )
    _, path, _, *options = command.replace('\\\n', ' ').split()
    checkpoint = dict(option.split('=') for option in options)['model.backbone.init_cfg.checkpoint']
    (tmp_path / checkpoint).parent.mkdir(parents=True)
    classifier = torch.nn.ModuleDict(
        dict(backbone=RegNet('regnety_400mf'), head=torch.nn.Linear(440, 1000))
    )
    torch.save(dict(state_dict=classifier.state_dict()), tmp_path / checkpoint)
    done = run_tool(
        'train.py',
        ROOT / path,
        '--no-validate',
        '--work-dir',
        'run',
        '--cfg-options',
        *options,
        'train_cfg.max_epochs=1',
        'train_dataloader.dataset.times=1',
        NO_WORKERS[0],
    )
    assert done.returncode == 0, done.stderr[-2000:]
    trained = torch.load(tmp_path / 'run/epoch_1.pth', map_location='cpu', weights_only=False)[
        'state_dict'
    ]
    for name, tensor in classifier.backbone.state_dict().items():
        frozen = name.startswith(('conv1.', 'bn1.', 'layer1.')) or 'running' in name
        # of others the first rates, which are tiny, may change nothing
        if frozen or '.conv' in name:
            assert torch.equal(trained[f'backbone.{name}'], tensor) == frozen, name
