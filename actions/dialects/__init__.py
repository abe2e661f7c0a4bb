"""How calls are written and read: `star` (the paper's), `qwen_fn` and `hermes`."""
