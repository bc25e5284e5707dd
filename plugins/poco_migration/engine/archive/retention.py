"""How long the law wants what is archived to be kept: by table, and by the region's own law."""

from __future__ import annotations
