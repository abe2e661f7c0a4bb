"""The four card games of RL4VLM, from pixels."""
