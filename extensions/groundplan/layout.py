"""What plan folders are called, and what stands in each of them."""

PLAN_ROOT = "docs/plan_docs"
PLAN_NAME = "feature-plan.md"
ANSWERS_NAME = ".copier-answers.yml"

# In bytes. A longer file is not a plan: to read or to merge it would take minutes.
SIZE_LIMIT = 1_000_000
# In git's folder for the tool, how the folders of runs begin that are at work or were killed.
RUN_PREFIX = "run-"
