"""The four card games of RL4VLM, from pixels."""

from qvl_agent.envs.cards.blackjack import Blackjack
from qvl_agent.envs.cards.game import CardGame
from qvl_agent.envs.cards.numberline import NumberLine
from qvl_agent.envs.cards.points import EZPoints, Points24

__all__ = ["Blackjack", "CardGame", "EZPoints", "NumberLine", "Points24"]
