import numpy as np
import pytest
from PIL import Image
from transformers.models.qwen2_vl.image_processing_pil_qwen2_vl import (
    Qwen2VLImageProcessorPil,
)
from transformers.models.qwen2_vl.image_processing_pil_qwen2_vl import (
    smart_resize as published_smart_resize,
)

from qvl_agent.model.fast_images import patches_on
from qvl_agent.model.images import (
    ImageSettings,
    Resample,
    patchify,
    preprocess,
    resize,
    smart_resize,
)

SIZES = [(224, 224), (300, 420), (30, 4000), (5, 7), (1, 200), (28, 28), (641, 359), (1080, 607)]


def test_resize_rule_equals_the_published_one_for_2000_random_sizes(
    rng: np.random.Generator,
) -> None:
    for _ in range(2000):
        height, width = (int(2 ** rng.uniform(0, 12)) for _ in range(2))
        if max(height, width) / min(height, width) > 200:
            continue
        factor = int(rng.choice([28, 32]))
        low = int(rng.choice([4, 64, 256])) * factor**2
        high = low * int(rng.choice([1, 4, 64]))
        expected = published_smart_resize(height, width, factor, low, high)
        assert smart_resize(height, width, factor, low, high) == expected


@pytest.mark.parametrize(("height", "width"), SIZES)
@pytest.mark.parametrize("max_pixels", [28 * 28 * 16, 28 * 28 * 300])
def test_patches_equal_those_of_transformers(
    height: int, width: int, max_pixels: int, rng: np.random.Generator
) -> None:
    pixels = rng.integers(0, 256, (height, width, 3), dtype=np.uint8)
    theirs = Qwen2VLImageProcessorPil(min_pixels=56 * 56, max_pixels=max_pixels)
    expected = theirs(Image.fromarray(pixels), return_tensors="np")
    patches, grid = preprocess(pixels, ImageSettings(56 * 56, max_pixels))
    assert [1, *grid] == expected["image_grid_thw"][0].tolist()
    np.testing.assert_allclose(patches, expected["pixel_values"], atol=1e-6, rtol=0)


def test_patches_of_other_patch_sizes_equal_those_of_transformers(
    rng: np.random.Generator,
) -> None:
    pixels = rng.integers(0, 256, (200, 330, 3), dtype=np.uint8)
    half = [0.5, 0.5, 0.5]
    theirs = Qwen2VLImageProcessorPil(
        min_pixels=64 * 64, max_pixels=32 * 32 * 40, patch_size=16, image_mean=half, image_std=half
    )
    settings = ImageSettings.from_config(
        {
            "size": {"shortest_edge": 64 * 64, "longest_edge": 32 * 32 * 40},
            "patch_size": 16,
            "image_mean": half,
            "image_std": half,
        }
    )
    expected = theirs(Image.fromarray(pixels), return_tensors="np")
    np.testing.assert_allclose(
        preprocess(pixels, settings)[0], expected["pixel_values"], atol=1e-6, rtol=0
    )


def test_the_fast_filter_is_near_the_exact_one(rng: np.random.Generator) -> None:
    smooth = resize(rng.integers(0, 256, (30, 20, 3), dtype=np.uint8), 600, 400)
    exact, fast = (resize(smooth, 252, 168, mode).astype(int) for mode in ("exact", "fast"))
    assert np.abs(exact - fast).mean() < 0.1
    assert np.abs(exact - fast).max() <= 10


def test_other_settings_are_another_key() -> None:
    exact = ImageSettings(3136, 50_000)
    assert exact != ImageSettings(3136, 50_000, resample="fast")


def test_grid_counts_the_visual_tokens_of_the_patches(rng: np.random.Generator) -> None:
    settings = ImageSettings(56 * 56, 28 * 28 * 100)
    for height, width in SIZES:
        rows, columns = settings.grid(height, width)
        pixels = np.zeros((*settings.size(height, width), 3), np.uint8)
        assert len(patchify(pixels, settings)) == rows * columns * 4


@pytest.mark.parametrize(
    ("height", "width", "reason"),
    [(0, 10, "at least one pixel"), (10, 0, "at least one"), (1, 201, "200"), (402, 2, "200")],
)
def test_impossible_shapes_are_refused(height: int, width: int, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        preprocess(np.zeros((height, width, 3), np.uint8), ImageSettings(3136, 50_000))


@pytest.mark.parametrize("shape", [(10, 10), (10, 10, 4), (1, 10, 10, 3)])
def test_arrays_that_are_no_rgb_picture_are_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match=r"uint8 \(H, W, 3\)"):
        preprocess(np.zeros(shape, np.uint8), ImageSettings(3136, 50_000))


def test_bounds_come_from_the_file_unless_the_caller_sets_them() -> None:
    hub = {"min_pixels": 3136, "max_pixels": 12_845_056}
    assert ImageSettings.from_config(hub).max_pixels == 12_845_056
    assert ImageSettings.from_config(hub, max_pixels=100_352).max_pixels == 100_352
    assert ImageSettings.from_config({}).max_pixels == 28 * 28 * 1280
    assert ImageSettings.from_config(hub, max_pixels=1000).min_pixels == 1000
    with pytest.raises(ValueError, match="min_pixels"):
        ImageSettings.from_config(hub, min_pixels=2000, max_pixels=1000)


@pytest.mark.parametrize("resample", ["exact", "fast"])
@pytest.mark.parametrize("size", [(100, 200), (300, 90), (56, 84)])
def test_a_device_makes_the_same_patches_from_bytes(
    rng: np.random.Generator, size: tuple[int, int], resample: Resample
) -> None:
    pixels = rng.integers(0, 256, (*size, 3), dtype=np.uint8)
    pixels.flags.writeable = False
    settings = ImageSettings(28 * 28 * 4, 28 * 28 * 16, resample=resample)
    expected, grid = preprocess(pixels, settings)
    made, made_grid = patches_on("cpu", pixels, settings)
    assert made_grid == grid
    np.testing.assert_allclose(made.numpy(), expected, atol=1e-6)
