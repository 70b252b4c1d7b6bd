"""Rows of weights for non-response: read, one call into the domain; what runs them is beside it."""

from cx_assets.feedback.settings import FeedbackSettings
from cx_assets.feedback.tables import ANSWER_MODEL, ANSWER_WEIGHT
from cx_assets.feedback.weights import response_weights
from orchestration.declaration.company import Company
from orchestration.warehouse.database import Replacement, Warehouse


def weighted_answers(company: Company, warehouse: Warehouse) -> list[Replacement]:
    """Rows of both tables."""
    invitations = warehouse.frame("from intermediate.int_experience__invitation_history order by invitation_id")
    largest = company.settings(FeedbackSettings).largest_weight
    weights, models = response_weights(invitations, largest_weight=largest)
    return [Replacement(ANSWER_WEIGHT, weights), Replacement(ANSWER_MODEL, models)]
