"""Measures, as ratios of runs that alternate on one machine: absolute figures say more about the machine than about us."""
