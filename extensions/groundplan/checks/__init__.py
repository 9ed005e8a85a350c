"""Checks of plans: rules, a module for each family, and how findings are reported."""
