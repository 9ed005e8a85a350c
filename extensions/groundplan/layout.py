"""What plan folders are called, and what stands in each of them."""

PLAN_ROOT = "docs/plan_docs"
PLAN_NAME = "feature-plan.md"
ANSWERS_NAME = ".copier-answers.yml"
