import pytest

from regnet_plugin.device.time_tables import read_time_table

# Three lines of timm's benchmark-infer-amp-nchw-pt291-cu128-4090.csv and one of a training table.
TIMM = """model,infer_samples_per_sec,infer_step_time,infer_batch_size,infer_img_size,param_count
vit_tiny_patch16_224,48000.0,21.3,1024,224,5.72
regnetx_002,27300.12,37.51,1024,224,2.68
regnety_1280,324.32,1578.7,512,224,644.81
regnety_032.ra_in1k,4190.43,244.3,1024,288,19.44
"""
TRAINING = """model,train_samples_per_sec,train_step_time,train_batch_size,train_img_size
regnetx_004,2000.0,256.0,512,224
"""


def test_a_table_of_timm_as_it_is(tmp_path):
    path = tmp_path / 'timm.csv'
    path.write_text(TIMM)
    times = read_time_table(path)
    assert times.batch == 1024 and times.name == 'timm' and times.step == 'inference'
    assert [(one.name, one.resolution) for one in times.networks] == [
        ('regnetx_200mf', 224),
        ('regnety_128gf', 224),
        ('regnety_3.2gf', 288),
    ]
    assert times.seconds == pytest.approx([1024 / 27300.12, 1024 / 324.32, 1024 / 4190.43])
    path.write_text(TRAINING)
    times = read_time_table(path, 'training')
    assert times.batch == 512 and times.seconds == pytest.approx([0.256])
    with pytest.raises(ValueError, match='timm.csv: .*there is no infer_samples_per_sec'):
        read_time_table(path)


def test_a_table_of_ones_own(tmp_path):
    path = tmp_path / 'own.csv'
    path.write_text(
        'network,milliseconds,batch,resolution\n'
        'regnetx_400mf,12.5,8,160\n'
        '"depth=13,w_0=24,w_a=36.44,w_m=2.49,group_width=8",7,8,224\n'
    )
    times = read_time_table(path, name='a laptop')
    assert times.batch == 8 and times.name == 'a laptop'
    assert times.seconds == pytest.approx([0.0125, 0.007])
    assert times.networks[0].resolution == 160
    assert times.networks[1].architecture.depths == (1, 1, 4, 7)


@pytest.mark.parametrize(
    'text, message',
    [
        (
            'network\nregnetx_400mf\n',
            r'own.csv: .* one of seconds, milliseconds, images_per_second',
        ),
        ('network,seconds\nregnetx_400mf,fast\n', r"own.csv:2: seconds must be .* it is 'fast'"),
        ('network,seconds\nregnetx_400mf,-1\n', r'own.csv:2: seconds must be a number above 0'),
        ('network,seconds\nresnet50,1\n', r'own.csv:2: there is no published RegNet'),
        (
            'network,seconds,batch\nregnetx_400mf,1,1\nregnetx_800mf,1,8\n',
            r'own.csv: times of steps must be of one batch, but these are of 1, 8',
        ),
        ('network,seconds,batch\nregnetx_400mf,1,1.5\n', r'own.csv:2: batch must be a positive'),
        ('model,infer_samples_per_sec,infer_batch_size,infer_img_size\n', r'there is none'),
    ],
)
def test_what_is_no_table(tmp_path, text, message):
    path = tmp_path / 'own.csv'
    path.write_text(text)
    with pytest.raises(ValueError, match=message):
        read_time_table(path)
