"""Neural benchmarks: forecasts, functional connectivity and responses, for animals and models."""

from embody.comparison.neural.calcium import calcium
from embody.comparison.neural.connectivity import ActivityMoments, stationary_covariance
from embody.comparison.neural.connectivity_scores import ConnectivityTable, connectivity
from embody.comparison.neural.forecaster import (
    AbstractForecaster,
    ContextMean,
    LastValue,
    Mean,
    StimulusOnly,
)
from embody.comparison.neural.forecasting import ForecastRow, ForecastTable, forecast
from embody.comparison.neural.line import NeuralLine
from embody.comparison.neural.linear import LinearDynamics, LowRankDynamics
from embody.comparison.neural.model_brain import ModelBrain
from embody.comparison.neural.reading import read_neural
from embody.comparison.neural.record import NeuralRecord, common_neurons
from embody.comparison.neural.response_scores import ResponseTable, compare_responses
from embody.comparison.neural.response_table import Response, Responses, read_responses
from embody.comparison.neural.segments import Segment, Split, split, windows
from embody.comparison.neural.stimulation import responses
from embody.comparison.neural.wiring import Wiring

__all__ = [
    "AbstractForecaster",
    "ActivityMoments",
    "ConnectivityTable",
    "ContextMean",
    "ForecastRow",
    "ForecastTable",
    "LastValue",
    "LinearDynamics",
    "LowRankDynamics",
    "Mean",
    "ModelBrain",
    "NeuralLine",
    "NeuralRecord",
    "Response",
    "ResponseTable",
    "Responses",
    "Segment",
    "Split",
    "StimulusOnly",
    "Wiring",
    "calcium",
    "common_neurons",
    "compare_responses",
    "connectivity",
    "forecast",
    "read_neural",
    "read_responses",
    "responses",
    "split",
    "stationary_covariance",
    "windows",
]
