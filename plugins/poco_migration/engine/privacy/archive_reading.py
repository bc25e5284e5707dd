"""One person's data out of the archive: of every file only the row groups that can hold the person, found by their statistics."""

from __future__ import annotations
