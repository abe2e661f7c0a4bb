"""The kinds of pictures that questions are asked about."""

from collections.abc import Mapping

from qvl_agent.evals.fncall.scenes.base import Ask, Record, Scene
from qvl_agent.evals.fncall.scenes.paper import Form, Poster, Receipt
from qvl_agent.evals.fncall.scenes.screens import BarChart, WeatherCard
from qvl_agent.evals.fncall.scenes.travel import BoardingPass, Timetable, TrainTicket

__all__ = [
    "SCENES",
    "Ask",
    "Record",
    "Scene",
]

SCENES: Mapping[str, Scene] = {
    "train_ticket": TrainTicket(),
    "boarding_pass": BoardingPass(),
    "timetable": Timetable(),
    "receipt": Receipt(),
    "form": Form(),
    "poster": Poster(),
    "weather": WeatherCard(),
    "chart": BarChart(),
}
"""By name, in the order in which items take turns."""
