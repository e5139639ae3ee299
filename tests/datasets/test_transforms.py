import numpy as np
import pytest
from scipy import stats

from regnet_plugin.datasets import Lighting, RandomResizedCrop


def draw_by_the_law(height, width, generator):
    """One attempt, or None where it does not fit."""
    share, ratio = generator.uniform(0.08, 1), generator.uniform(3 / 4, 4 / 3)
    ratio = 1 / ratio if generator.random() < 0.5 else ratio
    crop_width = np.sqrt(share * height * width * ratio)
    crop_height = crop_width / ratio
    return (share, ratio) if crop_height <= height and crop_width <= width else None


@pytest.mark.parametrize('height, width', [(1000, 1000), (600, 1400)])
def test_area_and_ratio_follow_the_authors_law(height, width):
    np.random.seed(0)
    generator = np.random.default_rng(1)
    crops = [RandomResizedCrop(224).draw(height, width) for _ in range(6000)]
    sampled = np.array([(h * w / (height * width), w / h) for _, _, h, w in filter(None, crops)])
    expected = np.array(
        [draw for draw in (draw_by_the_law(height, width, generator) for _ in range(12000)) if draw]
    )
    for column in (0, 1):
        assert stats.ks_2samp(sampled[:, column], expected[:, column]).pvalue > 0.01


def test_crops_lie_inside_and_reach_every_corner():
    np.random.seed(0)
    crops = np.array([RandomResizedCrop(8).draw(20, 30) for _ in range(3000)])
    bottom, right = crops[:, 0] + crops[:, 2], crops[:, 1] + crops[:, 3]
    assert crops[:, :2].min() == 0 and bottom.max() == 20 and right.max() == 30
    shares = crops[:, 2] * crops[:, 3] / 600
    assert shares.min() >= 0.06 and shares.max() <= 1


def test_pixels_are_those_of_the_crop_and_an_image_that_never_fits_is_cropped_in_the_centre():
    # a strip: most crops do not fit
    image = np.arange(100 * 10 * 3, dtype=np.float32).reshape(100, 10, 3)
    np.random.seed(1)
    transform = RandomResizedCrop(10, area=(0.9, 1.0))
    assert transform.draw(100, 10) is None
    result = transform(dict(img=image))
    assert result['img_shape'] == (10, 10)
    np.testing.assert_array_equal(result['img'], image[45:55])


# Principal components of ImageNet's pixels, typed from fb.resnet.torch (datasets/imagenet.lua) and
# pycls: the eigenvectors are the columns, the rows are red, green and blue.
EIGENVALUES = [0.2175, 0.0188, 0.0045]
EIGENVECTORS = [
    [-0.5675, 0.7192, 0.4009],
    [-0.5808, -0.0045, -0.8140],
    [-0.5836, -0.6948, 0.4203],
]


def test_the_components_of_the_lighting_are_the_published_ones():
    vectors = np.array(EIGENVECTORS)
    np.testing.assert_allclose(vectors.T @ vectors, np.eye(3), atol=1e-3)  # nothing is mistyped
    np.testing.assert_array_equal(Lighting.EIGENVECTORS[::-1], vectors)  # images are BGR
    np.testing.assert_array_equal(Lighting.EIGENVALUES, EIGENVALUES)


def test_lighting_moves_all_pixels_by_one_colour_along_the_components():
    """Krizhevsky et al. 2012, section 4.1: normal noise with the covariance V diag(0.1 e)^2 V^T."""
    np.random.seed(0)
    image = np.full((4, 4, 3), 128, np.uint8)
    std = 1.0  # ten times the paper's, so that rounding to whole values does not matter
    images = np.array([Lighting(std)(dict(img=image))['img'] for _ in range(20000)])
    assert (images == images[:, :1, :1]).all()
    shifts = images[:, 0, 0].astype(float) - 128
    red_green_blue = shifts[:, ::-1] / 255  # images of OpenMMLab are BGR
    vectors = np.array(EIGENVECTORS)
    expected = vectors @ np.diag(np.square(std * np.array(EIGENVALUES))) @ vectors.T
    rounding = 1 / 12 / 255**2  # variance
    np.testing.assert_allclose(red_green_blue.mean(axis=0), 0, atol=0.005)
    # each principal direction has the variance of its component
    variances = (red_green_blue @ vectors).var(axis=0)
    wanted = np.square(std * np.array(EIGENVALUES)) + rounding
    np.testing.assert_allclose(variances, wanted, rtol=0.05)
    np.testing.assert_allclose(
        np.cov(red_green_blue.T),
        expected + rounding * np.eye(3),
        rtol=0,
        atol=3e-2 * expected.max(),
    )


def test_lighting_is_a_tenth_as_strong_by_default():
    np.random.seed(0)
    image = np.full((1, 1, 3), 128, np.uint8)
    shifts = np.array([Lighting()(dict(img=image))['img'][0, 0] for _ in range(4000)]) - 128.0
    vectors = np.array(EIGENVECTORS)
    expected = vectors @ np.diag(np.square(25.5 * np.array(EIGENVALUES))) @ vectors.T
    np.testing.assert_allclose(
        np.cov(shifts[:, ::-1].T), expected + np.eye(3) / 12, rtol=0.1, atol=0.3
    )


@pytest.mark.parametrize('value', [0, 255])
def test_lighting_does_not_wrap_around(value):
    np.random.seed(0)
    image = np.full((1, 1, 3), value, np.uint8)
    for _ in range(50):
        assert abs(Lighting()(dict(img=image))['img'].astype(int) - value).max() < 30
