"""Mutants that no gate kills, each with the reason that an auditor accepts. A mutant that is killed after all is not looked up."""

ACCEPTED: dict[tuple[str, str, str], str] = {}
