"""Pages that stand alone: one file, no script, no network. The only file that imports jinja2."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

import jinja2

from poco_migration.settings import PACKAGE


@cache
def _environment() -> jinja2.Environment:
    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(PACKAGE / "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def page(template: str, document: Mapping[str, Any]) -> str:
    """Render a template of templates/. Raises where the document lacks what the template shows."""
    return _environment().get_template(template).render(**document)
