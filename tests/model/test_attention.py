"""A chunk that follows cached tokens attends to them and to itself as under a mask."""

import pytest
import torch
import torch.nn.functional as F

from qvl_agent.model.attention import KeyValues, Segment, _lower_right, attend_segments
from qvl_agent.model.decoder import DecoderShape

HEADS, KV_HEADS, DIM = 6, 2, 16


def masked(query: torch.Tensor, keys: torch.Tensor, values: torch.Tensor) -> torch.Tensor:
    """Return the attention of the last tokens by its definition, in float64."""
    count, length = len(query), keys.shape[1]
    repeats = HEADS // KV_HEADS
    k, v = (x.double().repeat_interleave(repeats, 0) for x in (keys, values))
    scores = query.double().transpose(0, 1) @ k.transpose(1, 2) * DIM**-0.5
    hidden = torch.ones(count, length, dtype=torch.bool).triu(length - count + 1)
    gathered: torch.Tensor = scores.masked_fill(hidden, -torch.inf).softmax(-1) @ v
    return gathered.transpose(0, 1).reshape(count, -1)


@pytest.mark.parametrize(
    ("dtype", "near"), [(torch.float32, 1e-5), (torch.float64, 1e-13), (torch.bfloat16, 2e-2)]
)
@pytest.mark.parametrize(("start", "count"), [(0, 5), (1, 2), (3, 1), (700, 33), (40, 600)])
def test_a_chunk_attends_as_under_a_mask(
    start: int, count: int, dtype: torch.dtype, near: float
) -> None:
    torch.manual_seed(start)
    shape = DecoderShape(1, KV_HEADS, DIM, dtype, torch.device("cpu"))
    cache = KeyValues(shape, start + count + 7)
    for tensor in (cache.keys[0], cache.values[0]):
        tensor.normal_()
        tensor[:, :, start:] = torch.nan  # what is not there yet must not be read
    query = torch.randn(count, HEADS, DIM, dtype=dtype) * 4
    key, value = torch.randn(2, count, KV_HEADS, DIM, dtype=dtype)
    attend = attend_segments([Segment(cache, start, count)], flash=False)
    stop = start + count
    gathered = attend(0, query, key, value)
    expected = masked(query, cache.keys[0][0, :, :stop], cache.values[0][0, :, :stop])
    assert gathered.shape == (count, HEADS * DIM)
    assert gathered.dtype == dtype
    assert (gathered.double() - expected).abs().max() <= near
    assert torch.equal(cache.keys[0][0, :, start:stop], key.transpose(0, 1))
    assert torch.equal(cache.values[0][0, :, start:stop], value.transpose(0, 1))


def test_the_mask_that_a_gpu_knows_by_name_hides_the_same() -> None:
    torch.manual_seed(0)
    query = torch.randn(1, HEADS, 5, DIM)
    keys, values = torch.randn(2, 1, KV_HEADS, 12, DIM)
    with torch.inference_mode():
        gathered = [
            F.scaled_dot_product_attention(
                query,
                keys,
                values,
                attn_mask=_lower_right(5, 12, torch.device(device)),
                is_causal=False,
                enable_gqa=True,
            )
            for device in ("cuda", "cpu")
        ]
    assert (gathered[0] - gathered[1]).abs().max() <= 1e-6
