"""transformers' own answer to a prompt, computed from nothing every time.

The oracle of the tests and the peer of the benchmarks: the usual loop, which cuts and encodes every
picture and prefills the whole history at every step. It shares the chat format with the policy that
it is compared with and nothing else.
"""

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor

from qvl_agent.model.chat import Sequence as TokenSequence
from qvl_agent.model.images import ImageSettings
from qvl_agent.model.loading import load_model
from qvl_agent.model.policy import Decoding, Generation, Seconds
from qvl_agent.model.prompt import Prompt
from qvl_agent.model.qwen2vl import Qwen2VLPolicy

__all__ = ["ChatTemplate", "Reference", "reference_patches"]


class Reference:
    """Answers with transformers' `generate` on the whole prompt, greedily.

    Args:
        policy: Whose prompts are answered.
        folder: Its checkpoint; loaded a second time, on the CPU in float32.
        model: A model of transformers, in place of the folder's weights.
    """

    def __init__(self, policy: Qwen2VLPolicy, folder: Path, model: Any = None) -> None:
        self._policy = policy
        self._model = model or load_model(folder, dtype=torch.float32, attention="sdpa")

    @torch.inference_mode()
    def generate(self, prompt: Prompt, decoding: Decoding) -> Generation:
        """Return exactly `decoding.max_tokens` tokens; no stopping rule is applied."""
        begin = time.perf_counter()
        inputs = self.inputs(prompt)
        cut = time.perf_counter()
        self._model.model.rope_deltas = None  # stale ones leak between calls
        output = self._model.generate(
            **inputs,
            max_new_tokens=decoding.max_tokens,
            min_new_tokens=decoding.max_tokens,
            do_sample=False,
        )
        length = inputs["input_ids"].shape[1]
        tokens = tuple(output[0, length:].tolist())
        seconds = Seconds(preprocess=cut - begin, decode=time.perf_counter() - cut)
        return Generation("", tokens, "length", prompt_tokens=length, seconds=seconds)

    @torch.inference_mode()
    def next_logits(self, prompt: Prompt) -> NDArray[Any]:
        """Return the logits (vocabulary,) of the token that follows a prompt."""
        self._model.model.rope_deltas = None
        logits: Tensor = self._model(**self.inputs(prompt), logits_to_keep=1).logits
        logits = logits[0, -1]
        return logits.to("cpu", torch.promote_types(logits.dtype, torch.float32)).numpy()

    @torch.inference_mode()
    def reader(self, text: NDArray[np.int64]) -> Callable[[NDArray[np.int64]], Tensor]:
        """Return a function that reads ids after a text, with transformers' own cache of the text.

        It returns the logits (vocabulary,) after them, and cuts the cache back.
        """
        from transformers import DynamicCache

        language_model = self._model.model.language_model
        cache = DynamicCache(config=language_model.config)

        @torch.inference_mode()
        def read(ids: NDArray[np.int64]) -> Tensor:
            begin = cache.get_seq_length()
            device = self._model.device
            positions = torch.arange(begin, begin + len(ids), device=device).expand(3, 1, -1)
            hidden = language_model(
                inputs_embeds=language_model.embed_tokens(torch.from_numpy(ids).to(device)[None]),
                position_ids=positions,
                past_key_values=cache,
                use_cache=True,
            ).last_hidden_state
            logits: Tensor = self._model.lm_head(hidden[0, -1])
            if begin:
                cache.crop(-len(ids))
            return logits

        read(text)
        return read

    @torch.inference_mode()
    def masked_logits(self, prompt: Prompt, hidden: Sequence[tuple[int, int, int]]) -> NDArray[Any]:
        """Return the logits (vocabulary,) after a prompt of which some is hidden from the rest.

        Args:
            prompt: All that ever was in the history, at its first positions.
            hidden: (start, stop, since): tokens `start` to `stop` are not seen from `since` on.
        """
        inputs = self.inputs(prompt)
        length = inputs["input_ids"].shape[1]
        mask = torch.full((length, length), float("-inf")).triu(1)
        for start, stop, since in hidden:
            mask[since:, start:stop] = float("-inf")
        positions = torch.from_numpy(self._policy.assemble(prompt).positions())
        inputs |= {"attention_mask": mask[None, None], "position_ids": positions[:, None]}
        logits: Tensor = self._model(**inputs, logits_to_keep=1).logits
        found: NDArray[Any] = logits[0, -1].numpy()
        return found

    @torch.inference_mode()
    def positions(self, prompt: Prompt) -> NDArray[np.int64]:
        """Return the M-RoPE positions (3, length) of a prompt with at least one picture."""
        inputs = self.inputs(prompt)
        positions, _ = self._model.model.get_rope_index(
            inputs["input_ids"],
            mm_token_type_ids=inputs["mm_token_type_ids"],
            image_grid_thw=inputs["image_grid_thw"],
        )
        found: NDArray[np.int64] = positions[:, 0].cpu().numpy()
        return found

    def inputs(self, prompt: Prompt) -> dict[str, Tensor]:
        """Return the arguments of transformers' forward pass."""
        sequence = self._policy.assemble(prompt)
        ids = torch.from_numpy(sequence.ids)[None]
        inputs = {"input_ids": ids, "attention_mask": torch.ones_like(ids)}
        if sequence.pictures:
            inputs |= _pictures(sequence)
        return {name: tensor.to(self._model.device) for name, tensor in inputs.items()}


def _pictures(sequence: TokenSequence) -> dict[str, Tensor]:
    """Return the arguments that are there for pictures."""
    kinds = torch.zeros((1, len(sequence)), dtype=torch.int64)
    patches, grids = [], []
    for span in sequence.pictures:
        kinds[0, span.start : span.stop] = 1
        cut, grid = reference_patches(sequence.picture(span).pixels, span.settings)
        patches.append(torch.from_numpy(cut))
        grids.append(grid)
    return {
        "mm_token_type_ids": kinds,
        "pixel_values": torch.cat(patches),
        "image_grid_thw": torch.tensor(grids),
    }


def reference_patches(
    pixels: NDArray[np.uint8], settings: ImageSettings
) -> tuple[NDArray[np.float32], list[int]]:
    """Return the patches and the (1, rows, columns) of transformers' PIL processor."""
    from transformers.models.qwen2_vl.image_processing_pil_qwen2_vl import (
        Qwen2VLImageProcessorPil,
    )

    processor = Qwen2VLImageProcessorPil(
        min_pixels=settings.min_pixels,
        max_pixels=settings.max_pixels,
        patch_size=settings.patch_size,
        merge_size=settings.merge_size,
        temporal_patch_size=settings.temporal_patch_size,
        image_mean=list(settings.mean),
        image_std=list(settings.std),
    )
    output = processor(Image.fromarray(pixels), return_tensors="np")
    return output["pixel_values"], output["image_grid_thw"][0].tolist()


class ChatTemplate:
    """A checkpoint's own chat template and tokenizer, applied to whole conversations.

    Args:
        folder: With tokenizer.json and the template.
    """

    def __init__(self, folder: Path) -> None:
        from transformers import AutoTokenizer

        self._tokenizer = AutoTokenizer.from_pretrained(folder)

    def tokens(self, messages: list[dict[str, Any]], visual: list[int]) -> list[int]:
        """Return the ids of a conversation, with an assistant's turn opened at its end.

        Args:
            messages: As `apply_chat_template` takes them.
            visual: How many visual tokens each picture takes, in order.
        """
        text = self._tokenizer.apply_chat_template(
            messages, tokenize=False, add_generation_prompt=True
        )
        before, *after = text.split("<|image_pad|>")
        for count, rest in zip(visual, after, strict=True):
            before += "<|image_pad|>" * count + rest
        ids: list[int] = self._tokenizer(before).input_ids
        return ids
