"""Emulation cards: where a brain-body pair stands on eleven axes, and on which evidence."""

from embody.comparison.card.axes import Axis, load_axes
from embody.comparison.card.battery_results import BatteryResults, load_results, results_below
from embody.comparison.card.collection import all_cards
from embody.comparison.card.emulation_card import EmulationCard, make_card
from embody.comparison.card.level import AxisLevel
from embody.comparison.card.nervous_system import NervousSystem
from embody.comparison.card.published import PublishedModel, published_models

__all__ = [
    "Axis",
    "AxisLevel",
    "BatteryResults",
    "EmulationCard",
    "NervousSystem",
    "PublishedModel",
    "all_cards",
    "load_axes",
    "load_results",
    "make_card",
    "published_models",
    "results_below",
]
