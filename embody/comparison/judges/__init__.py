"""Human judges: a page on which people say which of two animals is real, and what it means."""

from embody.comparison.judges.page import build_page
from embody.comparison.judges.results_page import write_results
from embody.comparison.judges.scoring import Score, score_answers, score_study
from embody.comparison.judges.server import JudgeServer, serve
from embody.comparison.judges.simulated_judges import SimulatedJudges

__all__ = [
    "JudgeServer",
    "Score",
    "SimulatedJudges",
    "build_page",
    "score_answers",
    "score_study",
    "serve",
    "write_results",
]
