"""A packed matrix gives what the plain one gives, whatever the number of rows."""

import pytest
import torch
from torch import nn

from qvl_agent.model.packed import FEWEST, PackedLinear
from qvl_agent.model.policy import Decoding
from qvl_agent.model.prompt import Prompt, Text, Turn
from qvl_agent.model.qwen2vl import Qwen2VLPolicy

pytestmark = pytest.mark.skipif(
    not PackedLinear.fits(nn.Linear(4, 4)), reason="this torch has no MKL"
)


@pytest.mark.parametrize("bias", [False, True])
@pytest.mark.parametrize("rows", [1, 4, 7, 8, 9, 16, 21])
def test_it_computes_what_the_layer_computes(rows: int, bias: bool) -> None:
    torch.manual_seed(rows)
    linear = nn.Linear(96, 301, bias=bias)
    x = torch.randn(rows, 96)
    with torch.inference_mode():
        made, expected = PackedLinear(linear)(x), linear(x)
    assert made.shape == expected.shape
    torch.testing.assert_close(made, expected, atol=1e-5, rtol=1e-5)


def test_a_row_comes_out_the_same_whoever_is_beside_it() -> None:
    torch.manual_seed(0)
    packed = PackedLinear(nn.Linear(64, 100))
    x = torch.randn(8, 64)
    with torch.inference_mode():
        assert torch.equal(packed(x)[:5], packed(x[:5]))


def test_other_numbers_and_other_layers_are_refused() -> None:
    assert not PackedLinear.fits(nn.Linear(4, 4).to(torch.bfloat16))
    assert not PackedLinear.fits(nn.LayerNorm(4))
    with pytest.raises(ValueError, match="float32"):
        PackedLinear(nn.Linear(4, 4).to(torch.bfloat16))


@pytest.mark.parametrize(("answers", "used"), [(1, False), (FEWEST - 1, False), (FEWEST, True)])
def test_answers_side_by_side_share_the_packed_head_from_where_it_pays(
    policy: Qwen2VLPolicy, monkeypatch: pytest.MonkeyPatch, answers: int, used: bool
) -> None:
    rows: list[int] = []
    plain = PackedLinear.__call__

    def noted(self: PackedLinear, x: torch.Tensor) -> torch.Tensor:
        rows.append(len(x))
        return plain(self, x)

    monkeypatch.setattr(PackedLinear, "__call__", noted)
    prompts = [Prompt((Turn("user", (Text(f"Go on, {i}"),)),)) for i in range(answers)]
    policy.generate_batch(prompts, Decoding(max_tokens=24))
    assert bool(rows) == used
    assert all(count >= FEWEST for count in rows)
