"""Which regions a run is about."""

from __future__ import annotations
