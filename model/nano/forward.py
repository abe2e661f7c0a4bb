"""A batched forward pass over a Qwen2-VL model's own parameters, for training on a CPU.

It computes what transformers computes (a test holds it to that), and is faster for small models
because every picture of a batch has the same size, attention is a plain matrix product (the
backward of the CPU's fused attention is slow in bfloat16) and logits are made only where a loss
needs them. It knows at most one picture per sequence and nothing of caches: playing goes through
`Qwen2VLPolicy`.
"""

import math
from dataclasses import dataclass
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from transformers import Qwen2VLForConditionalGeneration

from qvl_agent.model.images import IMAGE_MEAN, IMAGE_STD

__all__ = ["LETTERS", "SLOTS", "Batch", "Forward", "Labels", "Looks", "Losses", "Names"]

_MERGE = 2
_QUICK = 1.702
_EMBEDDING = "model.language_model.embed_tokens.weight"

LETTERS = "".join(map(chr, range(33, 127)))
"""The letters that patches are asked for; what is none of them is not asked for."""

SLOTS = 4
"""Places of letters in a patch, side by side."""

POINTING, COPYING = 0, 1
"""The heads that are shown where to look: at a place on the picture, at a word of the task."""


class Looks(NamedTuple):
    """Where is to be looked: from which token, with which head, at which tokens.

    Attributes:
        rows: int64 (N,), of the batch.
        positions: int64 (N,), in the sequence: of tokens after which what is looked for is said.
        heads: int64 (N,), `POINTING` or `COPYING`.
        shares: float32 (N, T), of the tokens up to the position; they sum to 1.
    """

    rows: Tensor
    positions: Tensor
    heads: Tensor
    shares: Tensor


class Names(NamedTuple):
    """Words that are drawn on pictures, to be found there.

    Attributes:
        rows: int64 (N,), of the batch.
        pieces: int64 (N, n), of the words, -1 where a word has no more.
        shares: float32 (N, cells), what part of a word is in each cell; they sum to 1.
    """

    rows: Tensor
    pieces: Tensor
    shares: Tensor


class Labels(NamedTuple):
    """What is drawn on pictures, as whoever drew them knows it.

    Attributes:
        words: int64 (B, cells, n), in the order of picture tokens: pieces of words in each cell, in
            an empty one the picture token itself.
        shares: float32 (B, cells, n), what part of what is in the cell each of them is; they sum to
            1, or to 0 where the cell does not count.
        letters: int64 (B, patches, `SLOTS`), in the order of patches: 0 where there is none, else 1
            and the place in `LETTERS`, -1 where it does not count. None if letters are not known.
        names: Words to be found. None if there are none.
    """

    words: Tensor
    shares: Tensor
    letters: Tensor | None = None
    names: Names | None = None

    @property
    def counted(self) -> Tensor:
        """Which cells count: bool (B, cells)."""
        return self.shares.sum(-1) > 0


@dataclass(frozen=True, slots=True)
class Batch:
    """Sequences with at most one picture each; all of them have one, or none has.

    Attributes:
        ids: int64 (B, T), padded at the end.
        targets: int64 (B, T), the id to predict at each position, -1 where there is no loss.
        pictures: uint8 (B, H, W, 3), H and W multiples of a cell, or None.
        labels: What is drawn on them.
        places: int64 (cells, 2), the tokens that say how far across and down the middle of
            each cell is, or None where the vocabulary has none.
        looks: Where to look for what the answers say, or None where nothing is looked for.
    """

    ids: Tensor
    targets: Tensor
    pictures: Tensor | None = None
    labels: Labels | None = None
    places: Tensor | None = None
    looks: Looks | None = None


@dataclass(frozen=True, slots=True)
class Losses:
    """Mean cross-entropies with their graphs, and how often the argmax was right.

    Attributes:
        text: Of the answer's tokens.
        cells: Of the read-out, of letters, of finding words and of saying where a cell is; 0
            without pictures.
        looks: Of looking; 0 where nothing is looked for.
        right: Of each sequence, whether every answer token was right.
        cells_right: Share of cells with words in them that were named by one of these.
    """

    text: Tensor
    cells: Tensor
    looks: Tensor
    right: tuple[bool, ...]
    cells_right: float


class _Reading(NamedTuple):
    """What the language model made of a batch.

    Attributes:
        hidden: (B, T, hidden), normalised for the output embedding.
        halfway: (B, T, hidden), after half of the layers.
        queries: (B, heads, T, width), rotated, of the layer that comes next.
        keys: The same.
    """

    hidden: Tensor
    halfway: Tensor
    queries: Tensor
    keys: Tensor


class Forward:
    """The forward pass of one model.

    Args:
        model: Parameters stay float32 where the model has them so.
        dtype: Of activations and of the copy of the parameters that is multiplied.
        speller: Tells the letters in a patch from what the vision encoder made of it, `SLOTS` times
            the scores of none and of each of `LETTERS`. It serves training only.
    """

    def __init__(
        self,
        model: Qwen2VLForConditionalGeneration,
        dtype: torch.dtype = torch.bfloat16,
        speller: nn.Linear | None = None,
    ) -> None:
        self.dtype = dtype
        self.text = model.config.text_config
        self.vision = model.config.vision_config
        self.image_token: int = model.config.image_token_id
        self._patch: int = self.vision.patch_size
        self._parameters = dict(model.named_parameters())
        self._speller = speller
        rope = self.text.rope_parameters
        width = self.text.hidden_size // self.text.num_attention_heads
        self._sections: list[int] = list(rope["mrope_section"])
        self._frequencies = rope["rope_theta"] ** (-torch.arange(0, width, 2).float() / width)

    def losses(self, batch: Batch) -> Losses:
        """Return the losses of a batch."""
        weights = self._weights()
        words = weights[_EMBEDDING]
        features = patches = None
        if batch.pictures is not None:
            features, patches = self.see(weights, batch.pictures)
        reading = self.read(weights, batch.ids, features, batch.pictures)
        chosen = batch.targets >= 0
        logits = F.linear(reading.hidden[chosen], words).float()
        wanted = batch.targets[chosen]
        right = torch.ones_like(chosen)
        right[chosen] = logits.detach().argmax(-1) == wanted
        cells, cells_right = torch.zeros(()), 0.0
        if features is not None and patches is not None and batch.labels is not None:
            cells, cells_right = self.read_out(words, features, batch.labels)
            cells = cells + self.spelling(patches, batch.labels)[0]
            cells = cells + self.finding(words, features, batch.labels)[0]
            if batch.places is not None:
                seen = reading.halfway[batch.ids == self.image_token].view_as(features)
                cells = cells + self.placing(words, seen, batch.labels.counted, batch.places)
        looks = torch.zeros(()) if batch.looks is None else self.looking(reading, batch.looks)
        return Losses(
            text=F.cross_entropy(logits, wanted),
            cells=cells,
            looks=looks,
            right=tuple(right.all(1).tolist()),
            cells_right=cells_right,
        )

    def reading(
        self, pictures: Tensor, labels: Labels, *, words: bool = True
    ) -> tuple[Tensor, float, float, float]:
        """Return the losses of `read_out`, `spelling` and `finding` and their hit rates, no text's.

        Args:
            pictures: As in `Batch`.
            labels: As in `Batch`.
            words: Whether more than `spelling` counts; without it the other hit rates are 0.
        """
        weights = self._weights()
        features, patches = self.see(weights, pictures)
        letters, letters_right = self.spelling(patches, labels)
        if not words:
            return letters, 0.0, letters_right, 0.0
        cells, cells_right = self.read_out(weights[_EMBEDDING], features, labels)
        found, found_right = self.finding(weights[_EMBEDDING], features, labels)
        return cells + letters + found, cells_right, letters_right, found_right

    def _weights(self) -> dict[str, Tensor]:
        """Return the parameters as they are multiplied."""
        return {
            name: p if p.dtype == self.dtype else p.to(self.dtype)
            for name, p in self._parameters.items()
        }

    def read_out(self, words: Tensor, features: Tensor, labels: Labels) -> tuple[Tensor, float]:
        """Return the loss and hit rate of naming what is drawn in each picture token's cell.

        A picture token, seen through the tied word embedding, has to name the pieces of words in
        its cell, each by its share; an empty cell is named by the picture token itself. Nothing is
        added to the model for it.
        """
        counted = labels.counted
        tokens, wanted, shares = features[counted], labels.words[counted], labels.shares[counted]
        logits = F.linear(F.rms_norm(tokens, tokens.shape[-1:]), words).float()
        named = logits.detach().argmax(-1, keepdim=True)
        hits = ((named == wanted) & (shares > 0)).any(-1)[wanted[:, 0] != self.image_token]
        loss = -(logits.log_softmax(-1).gather(1, wanted) * shares).sum(-1).mean()
        return loss, hits.float().mean().item() if len(hits) else 1.0

    def finding(self, words: Tensor, features: Tensor, labels: Labels) -> tuple[Tensor, float]:
        """Return the loss and hit rate of finding each word among the cells of its picture.

        It is the read-out the other way round: a word, the sum of its pieces, has to choose its
        cells. To name a piece that was never seen is much to ask; that it is rather here than there
        is less, and all that has to be known to open one thing of a list.

        Args:
            words: The word embedding.
            features: The picture tokens (B, cells, hidden).
            labels: As in `Batch`.
        """
        if labels.names is None:
            return torch.zeros(()), 1.0
        rows, pieces, shares = labels.names
        asked = F.embedding(pieces.clamp(min=0), words) * (pieces >= 0)[..., None]
        cells = F.rms_norm(features, features.shape[-1:])[rows]
        scores = torch.einsum("nh,nch->nc", asked.sum(1), cells).float()
        hits = shares.gather(1, scores.detach().argmax(-1, keepdim=True)) > 0
        loss = -(scores.log_softmax(-1) * shares).sum(-1).mean()
        return loss, hits.float().mean().item()

    def spelling(self, patches: Tensor, labels: Labels) -> tuple[Tensor, float]:
        """Return the loss and hit rate of telling the letters in each patch.

        Words are many and letters few: who knows letters reads words that were never met.

        Args:
            patches: What the vision encoder made of them (B, patches, width).
            labels: As in `Batch`.
        """
        if self._speller is None or labels.letters is None:
            return torch.zeros(()), 1.0
        counted = (labels.letters >= 0).any(-1)
        wanted = labels.letters[counted]
        weight, bias = (p.to(self.dtype) for p in (self._speller.weight, self._speller.bias))
        logits = F.linear(patches[counted], weight, bias).float().view(wanted.numel(), -1)
        hits = (logits.detach().argmax(-1) == wanted.flatten())[wanted.flatten() > 0]
        right = hits.float().mean().item() if len(hits) else 1.0
        return F.cross_entropy(logits, wanted.flatten(), ignore_index=-1), right

    def placing(self, words: Tensor, seen: Tensor, counted: Tensor, places: Tensor) -> Tensor:
        """Return the loss of saying where each picture token's cell is.

        What is copied from a picture token later on must hold its place, and nothing in a picture
        token says it: positions only turn attention. So the place has to be found out by halfway
        through the layers, seen through the tied word embedding as in the read-out.

        Args:
            words: The word embedding.
            seen: Hidden states of the picture tokens halfway (B, cells, hidden).
            counted: Of which cells it is asked (B, cells).
            places: As in `Batch`.
        """
        tokens = seen[counted]
        wanted = places.expand(*counted.shape, 2)[counted]
        logits = F.linear(F.rms_norm(tokens, tokens.shape[-1:]), words).float()
        # Both are said at once, so that each gets half of the probability at best.
        return -logits.log_softmax(-1).gather(1, wanted).mean() - math.log(2)

    def looking(self, reading: _Reading, looks: Looks) -> Tensor:
        """Return the loss of looking at the right tokens before something is said.

        To find one of many things by its name, a head has to match the name with what a picture
        token was read as, and half of a match earns nothing. So two heads are shown where to look,
        of the layer that comes after the places are known: one at the place on the picture whose
        coordinates are said next, one at the word of the task that is copied next.

        Source: attention as the pointer, GUI-Actor (arXiv:2506.03143), here as a loss only.
        """
        queries = reading.queries[looks.rows, looks.heads, looks.positions].float()
        scores = torch.empty_like(looks.shares)
        for head in (POINTING, COPYING):
            of_head = looks.heads == head
            keys = reading.keys[:, head].float()[looks.rows[of_head]]
            scores[of_head] = torch.einsum("nd,ntd->nt", queries[of_head], keys)
        later = torch.arange(scores.shape[1]) > looks.positions[:, None]
        scores = (scores * queries.shape[-1] ** -0.5).masked_fill(later, -torch.inf)
        attended = scores.log_softmax(-1).masked_fill(later, 0.0)
        loss: Tensor = -(attended * looks.shares).sum(-1).mean()
        return loss

    def encode(self, weights: dict[str, Tensor], pictures: Tensor) -> Tensor:
        """Return the picture tokens (B, cells, hidden) of uint8 (B, H, W, 3)."""
        return self.see(weights, pictures)[0]

    def see(self, weights: dict[str, Tensor], pictures: Tensor) -> tuple[Tensor, Tensor]:
        """Return the picture tokens of uint8 (B, H, W, 3), and what became of the patches.

        Returns:
            (B, cells, hidden), and (B, patches, width), normalised for the merger.
        """
        config = self.vision
        width, heads = config.embed_dim, config.num_heads
        rows, columns = pictures.shape[1] // self._patch, pictures.shape[2] // self._patch
        # Both time slices of a still picture are equal: sum the two kernels once.
        kernel = weights["model.visual.patch_embed.proj.weight"].sum(2).view(width, -1)
        x = F.linear(self._patches(pictures), kernel)
        count, length, _ = x.shape
        cos, sin = self._vision_rope(rows, columns, width // heads)
        for i in range(config.depth):
            block = f"model.visual.blocks.{i}."

            def linear(y: Tensor, name: str, block: str = block) -> Tensor:
                return F.linear(y, weights[f"{block}{name}.weight"], weights[f"{block}{name}.bias"])

            def norm(y: Tensor, name: str, block: str = block) -> Tensor:
                scale, shift = weights[f"{block}{name}.weight"], weights[f"{block}{name}.bias"]
                return F.layer_norm(y, (width,), scale, shift, 1e-6)

            qkv = linear(norm(x, "norm1"), "attn.qkv").view(count, length, 3, heads, -1)
            q, k, v = qkv.permute(2, 0, 3, 1, 4)
            y = _attend(_rotate(q, cos, sin), _rotate(k, cos, sin), v, None)
            x = x + linear(y.transpose(1, 2).reshape(count, length, width), "attn.proj")
            # The quick GELU y * sigmoid(1.702 y), as one operation on numbers that are scaled.
            up, down = (weights[f"{block}mlp.{name}.weight"] for name in ("fc1", "fc2"))
            above, below = (weights[f"{block}mlp.{name}.bias"] for name in ("fc1", "fc2"))
            y = F.silu(F.linear(norm(x, "norm2"), up * _QUICK, above * _QUICK))
            x = x + F.linear(y, down / _QUICK, below)
        merger = "model.visual.merger."
        seen = F.layer_norm(
            x, (width,), weights[merger + "ln_q.weight"], weights[merger + "ln_q.bias"], 1e-6
        )
        x = seen.view(count, length // _MERGE**2, width * _MERGE**2)
        x = F.linear(x, weights[merger + "mlp.0.weight"], weights[merger + "mlp.0.bias"])
        x = F.linear(F.gelu(x), weights[merger + "mlp.2.weight"], weights[merger + "mlp.2.bias"])
        return x, seen

    def read(
        self,
        weights: dict[str, Tensor],
        ids: Tensor,
        features: Tensor | None,
        pictures: Tensor | None,
    ) -> _Reading:
        """Return the hidden states of a batch, and how the layer after halfway attends."""
        config = self.text
        count, length = ids.shape
        width, heads = config.hidden_size, config.num_attention_heads
        kv_heads = config.num_key_value_heads
        x = F.embedding(ids, weights[_EMBEDDING])
        if features is not None:
            x = x.masked_scatter((ids == self.image_token)[..., None], features.to(x.dtype))
        cos, sin = self._text_rope(self.positions(ids, pictures))
        mask = torch.full((length, length), -torch.inf, dtype=self.dtype).triu(1)
        halfway = queries = keys = x
        for i in range(config.num_hidden_layers):
            layer = f"model.language_model.layers.{i}."

            def linear(y: Tensor, name: str, layer: str = layer) -> Tensor:
                bias = weights.get(f"{layer}{name}.bias")
                return F.linear(y, weights[f"{layer}{name}.weight"], bias)

            def norm(y: Tensor, name: str, layer: str = layer) -> Tensor:
                return F.rms_norm(
                    y, (width,), weights[f"{layer}{name}.weight"], config.rms_norm_eps
                )

            before = x
            y = norm(x, "input_layernorm")
            q = linear(y, "self_attn.q_proj").view(count, length, heads, -1).transpose(1, 2)
            k = linear(y, "self_attn.k_proj").view(count, length, kv_heads, -1).transpose(1, 2)
            v = linear(y, "self_attn.v_proj").view(count, length, kv_heads, -1).transpose(1, 2)
            q, k = _rotate(q, cos, sin), _rotate(k, cos, sin)
            if kv_heads != heads:
                k = k.repeat_interleave(heads // kv_heads, 1)
                v = v.repeat_interleave(heads // kv_heads, 1)
            if i == config.num_hidden_layers // 2:
                halfway, queries, keys = before, q, k
            y = _attend(q, k, v, mask)
            x = x + linear(y.transpose(1, 2).reshape(count, length, width), "self_attn.o_proj")
            y = norm(x, "post_attention_layernorm")
            x = x + linear(
                F.silu(linear(y, "mlp.gate_proj")) * linear(y, "mlp.up_proj"), "mlp.down_proj"
            )
        last = weights["model.language_model.norm.weight"]
        hidden = F.rms_norm(x, (width,), last, config.rms_norm_eps)
        return _Reading(hidden, halfway, queries, keys)

    def positions(self, ids: Tensor, pictures: Tensor | None) -> Tensor:
        """Return the M-RoPE positions (3, B, T): time, height, width.

        A picture of r x c tokens that starts at position p has time p, height p..p+r-1 and width
        p..p+c-1; the text after it goes on at p + max(r, c).

        Source: Qwen2-VL paper, 2.1; transformers' `get_rope_index`.
        """
        count, length = ids.shape
        steps = torch.arange(length)[None].expand(count, length)
        if pictures is None:
            return steps.expand(3, count, length)
        rows = pictures.shape[1] // (self._patch * _MERGE)
        columns = pictures.shape[2] // (self._patch * _MERGE)
        is_picture = ids == self.image_token
        start = is_picture.int().argmax(1, keepdim=True)
        after = steps - rows * columns + max(rows, columns)
        text = torch.where(steps >= start + rows * columns, after, steps)
        cell = (steps - start).clamp(0, rows * columns - 1)
        grid = torch.stack([torch.zeros_like(cell), cell // columns, cell % columns]) + start
        return torch.where(is_picture, grid, text)

    def _patches(self, pictures: Tensor) -> Tensor:
        """Return normalised patches (B, rows * columns, 3 * patch * patch) in merge-block order."""
        count, height, width, _ = pictures.shape
        side = self._patch
        rows, columns = height // side, width // side
        blocks = pictures.view(
            count, rows // _MERGE, _MERGE, side, columns // _MERGE, _MERGE, side, 3
        ).permute(0, 1, 4, 2, 5, 7, 3, 6)
        x = blocks.reshape(count, rows * columns, 3, side * side).float()
        mean = torch.tensor(IMAGE_MEAN).view(3, 1)
        std = torch.tensor(IMAGE_STD).view(3, 1)
        return ((x / 255 - mean) / std).view(count, rows * columns, -1).to(self.dtype)

    def _vision_rope(self, rows: int, columns: int, width: int) -> tuple[Tensor, Tensor]:
        def blocks(index: Tensor) -> Tensor:
            shape = (rows // _MERGE, _MERGE, columns // _MERGE, _MERGE)
            return index.expand(rows, columns).reshape(shape).transpose(1, 2).flatten()

        frequencies = 10000.0 ** (-torch.arange(0, width // 2, 2).float() / (width // 2))
        angles = torch.cat(
            [
                blocks(torch.arange(rows)[:, None])[:, None] * frequencies,
                blocks(torch.arange(columns)[None])[:, None] * frequencies,
            ],
            -1,
        ).repeat(1, 2)
        return angles.cos().to(self.dtype), angles.sin().to(self.dtype)

    def _text_rope(self, positions: Tensor) -> tuple[Tensor, Tensor]:
        parts = (positions[..., None].float() * self._frequencies).split(self._sections, -1)
        angles = torch.cat([part[i] for i, part in enumerate(parts)], -1).repeat(1, 1, 2)[:, None]
        return angles.cos().to(self.dtype), angles.sin().to(self.dtype)


def _rotate(x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    first, second = x.chunk(2, -1)
    return torch.addcmul(x * cos, torch.cat([-second, first], -1), sin)


def _attend(q: Tensor, k: Tensor, v: Tensor, mask: Tensor | None) -> Tensor:
    scores = (q * q.shape[-1] ** -0.5) @ k.transpose(-1, -2)
    if mask is not None:
        scores = scores + mask
    attended: Tensor = scores.softmax(-1) @ v
    return attended
