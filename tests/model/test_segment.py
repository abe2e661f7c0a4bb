"""SAM's wiring on a tiny SAM with random weights, and its accuracy where real weights are."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from huggingface_hub import snapshot_download
from huggingface_hub.errors import LocalEntryNotFoundError
from numpy.typing import NDArray
from transformers import (
    SamConfig,
    SamImageProcessorPil,
    SamMaskDecoderConfig,
    SamModel,
    SamProcessor,
    SamPromptEncoderConfig,
    SamVisionConfig,
)

from qvl_agent.actions.errors import DataError, UsageError
from qvl_agent.actions.household import Region
from qvl_agent.actions.types import Point
from qvl_agent.evals.alfred.segmenting import measure
from qvl_agent.model.segment import SamSegmenter

SIZE = 128
WEIGHTS = ("facebook/sam-vit-base", "facebook/sam-vit-large", "facebook/sam-vit-huge")


@dataclass
class Seen:
    image: NDArray[np.uint8]


@pytest.fixture(scope="module")
def model() -> SamModel:
    torch.manual_seed(0)
    vision = SamVisionConfig(
        hidden_size=32,
        output_channels=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        image_size=SIZE,
        patch_size=16,
        window_size=4,
        global_attn_indexes=[1],
        mlp_dim=64,
        num_pos_feats=16,
    )
    prompt = SamPromptEncoderConfig(hidden_size=32, image_size=SIZE, patch_size=16)
    decoder = SamMaskDecoderConfig(
        hidden_size=32, mlp_dim=64, num_hidden_layers=1, num_attention_heads=2
    )
    config = SamConfig(vision_config=vision, prompt_encoder_config=prompt)
    config.mask_decoder_config = decoder
    return SamModel(config).eval()


@pytest.fixture(scope="module", params=[(60, 80), (90, 64)], ids=str)
def seen(request: pytest.FixtureRequest) -> Seen:
    height, width = request.param
    noise = np.random.default_rng(0).integers(0, 256, (height, width, 3), dtype=np.uint8)
    return Seen(noise)


def _reference(model: SamModel, seen: Seen, multiple: bool, **prompt: Any) -> NDArray[np.bool_]:
    """Return the mask by transformers' own processor."""
    whole, quarter = {"height": SIZE, "width": SIZE}, {"height": SIZE // 4, "width": SIZE // 4}
    images = SamImageProcessorPil(
        size={"longest_edge": SIZE},
        pad_size=whole,
        mask_size={"longest_edge": SIZE // 4},
        mask_pad_size=quarter,
    )
    inputs = SamProcessor(images)(seen.image, return_tensors="pt", **prompt)
    with torch.inference_mode():
        found = model(**inputs, multimask_output=multiple)
    sizes = inputs["original_sizes"], inputs["reshaped_input_sizes"]
    masks = images.post_process_masks(found.pred_masks, *sizes)
    mask: NDArray[np.bool_] = masks[0][0, found.iou_scores[0, 0].argmax()].numpy()
    return mask


def test_masks_are_those_of_the_reference_processor(model: SamModel, seen: Seen) -> None:
    segmenter = SamSegmenter(model, device="cpu")
    height, width = seen.image.shape[:2]
    spot = segmenter.mask(seen, Region(Point(0.5, 0.25)))
    reference = _reference(model, seen, True, input_points=[[[width / 2, height / 4]]])
    np.testing.assert_array_equal(spot, reference)
    box = segmenter.mask(seen, Region(Point(0.8, 0.7), Point(0.2, 0.1)))
    corners = [0.2 * width, 0.1 * height, 0.8 * width, 0.7 * height]
    np.testing.assert_array_equal(box, _reference(model, seen, False, input_boxes=[[corners]]))
    assert spot.shape == (height, width)
    assert not np.array_equal(spot, box)


def test_a_picture_is_encoded_once_whatever_is_pointed_at(model: SamModel, seen: Seen) -> None:
    segmenter = SamSegmenter(model, device="cpu")
    for x in (0.1, 0.5, 0.9):
        segmenter.mask(Seen(seen.image.copy()), Region(Point(x, 0.5)))
    assert segmenter.encodings == 1
    segmenter.mask(Seen(seen.image[::-1].copy()), Region(Point(0.5, 0.5)))
    assert segmenter.encodings == 2


def test_weights_are_loaded_from_a_folder_and_missing_ones_are_told(
    model: SamModel, seen: Seen, tmp_path: Path
) -> None:
    model.save_pretrained(tmp_path / "sam")
    loaded = SamSegmenter.load(tmp_path / "sam", device="cpu")
    region = Region(Point(0.5, 0.5))
    np.testing.assert_array_equal(
        loaded.mask(seen, region), SamSegmenter(model, device="cpu").mask(seen, region)
    )
    (tmp_path / "empty").mkdir()
    with pytest.raises(DataError, match=r"no config\.json"):
        SamSegmenter.load(tmp_path / "empty")
    (tmp_path / "sam" / "model.safetensors").unlink()
    with pytest.raises(DataError, match="cannot load SAM"):
        SamSegmenter.load(tmp_path / "sam")


def test_a_name_that_is_nothing_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    with pytest.raises(UsageError, match="no SAM at 'nobody/nothing'"):
        SamSegmenter.load("nobody/nothing")


@pytest.mark.slow
def test_real_weights_outline_100_rendered_objects_and_choose_rightly() -> None:
    for name in WEIGHTS:
        try:
            folder = snapshot_download(name, local_files_only=True)
            break
        except LocalEntryNotFoundError:
            continue
    else:
        pytest.skip(f"no weights of SAM on this machine: hf download {WEIGHTS[0]}")
    found = measure(SamSegmenter.load(folder), count=100)
    assert found.matched >= 0.8
    assert found.right >= 0.95
