"""Names of the jobs; what they do is in `orchestration.defs.schedule`."""

DAILY = "daily"
WEEKLY_RETRAINING = "weekly_retraining"
EXTRACT = "extract"
PUBLISH_TARGETS = "publish_targets"
SEND_EXPORTS = "send_exports"
