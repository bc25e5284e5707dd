"""Great Expectations, in memory and read-only: the only file that imports it (6 to 9 s, so never in a DAG file).

Refuses to believe `result.success`: GX drops expectations of an unknown type or severity, lets an empty suite pass, and
swallows errors. What is counted here is what was asked for against what gave a result.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import quote, urlencode

from psycopg.conninfo import conninfo_to_dict

from poco_migration.adapters.gate_suites import Expectation, Suite
from poco_migration.errors import ConfigurationError
from poco_migration.model import Judgement

TIMEOUT = "10min"
# Failed rows are told by key, and so many of them at most; a raw value never leaves the database.
KEYS_SHOWN = 20


def judge(dsn: str, suites: Iterable[Suite], run: str) -> list[Judgement]:
    """Evaluate suites against one database; `run` is what the suites' queries find in the setting migration.run.

    Shape: one Judgement per evaluated expectation, in the order of the suites. Writes nothing anywhere.
    """
    import great_expectations as gx

    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False}
    options = f"-c default_transaction_read_only=on -c statement_timeout={TIMEOUT} -c timezone=UTC -c migration.run={_escaped(run)}"
    source = context.data_sources.add_postgres(
        "database", connection_string=_url(dsn), create_temp_table=False,
        kwargs={"connect_args": {"options": options, "application_name": f"gate {run}"[:63]}},
    )  # fmt: skip
    judgements: list[Judgement] = []
    for suite in suites:
        # GX takes a query only if it begins with SELECT, and ours may begin with WITH.
        asset = source.add_query_asset(suite.name, query=f"select * from (\n{suite.query}\n) q")
        batch = asset.add_batch_definition_whole_table("all")
        definition = context.validation_definitions.add(
            gx.ValidationDefinition(name=suite.name, data=batch, suite=context.suites.add(_suite(suite)))
        )
        result = definition.run(result_format={
            # COMPLETE would fetch the key of every failed row, millions of them where a whole column is wrong.
            "result_format": "SUMMARY", "partial_unexpected_count": KEYS_SHOWN,
            "exclude_unexpected_values": True, "unexpected_index_column_names": list(suite.keys),
        })  # fmt: skip
        asked = {expectation.number: expectation for expectation in suite.expectations}
        judgements += sorted(
            (_judgement(suite, asked, outcome.to_json_dict()) for outcome in result.results), key=lambda j: j.details["number"]
        )
    return judgements


def _suite(suite: Suite) -> Any:
    import great_expectations as gx
    from great_expectations.expectations.metadata_types import FailureSeverity
    from great_expectations.expectations.registry import get_expectation_impl

    for expectation in suite.expectations:
        try:
            get_expectation_impl(expectation.type)
            FailureSeverity(expectation.severity)
        except Exception as error:
            raise ConfigurationError(f"suite {suite.name}: expectation {expectation.number} ({expectation.type}): {error}") from error
    built = gx.ExpectationSuite(
        name=suite.name,
        expectations=[
            {"type": e.type, "kwargs": dict(e.kwargs), "severity": e.severity, "meta": {"number": e.number}} for e in suite.expectations
        ],
    )
    if len(built.expectations) != len(suite.expectations):
        raise ConfigurationError(
            f"suite {suite.name}: Great Expectations kept {len(built.expectations)} of {len(suite.expectations)} expectations"
        )
    return built


def _judgement(suite: Suite, asked: Mapping[int, Expectation], outcome: Mapping[str, Any]) -> Judgement:
    expectation = asked[outcome["expectation_config"]["meta"]["number"]]
    result = outcome.get("result") or {}
    errors = [detail["exception_message"] for detail in _exceptions(outcome.get("exception_info") or {}) if detail.get("raised_exception")]
    keys = _rows(result.get("partial_unexpected_index_list") or [], suite.keys)
    return Judgement(
        suite=suite.name,
        type=expectation.type,
        about=expectation.about,
        requirement=expectation.requirement,
        severity=expectation.severity,
        success=bool(outcome["success"]) and not errors,
        # A database's message quotes values, so only the kind of the error is told.
        error=_kind(errors[0]) if errors else "",
        observed=result.get("observed_value", result.get("unexpected_count")),
        details={
            "number": expectation.number, "kwargs": dict(expectation.kwargs), "query": suite.query,
            "rows": result.get("element_count"), "unexpected": result.get("unexpected_count"),
            "keys": keys[:KEYS_SHOWN],
        },
        next_action=expectation.next_action,
    )  # fmt: skip


def _kind(message: str) -> str:
    """The class of an exception out of SQLAlchemy's text "(psycopg.errors.UndefinedTable) relation ..."."""
    named = re.match(r"\(?([A-Za-z_.]+)\)?", message)
    return f"{named.group(1) if named else 'an error'}: the query of this suite failed; run it in psql as mi_auditor"


def _rows(found: list[dict[str, Any]], names: tuple[str, ...]) -> list[dict[str, Any]]:
    """The keys of failed rows; GX gives them as columns ({key: [1, 2]}) when values are excluded, as rows otherwise."""
    rows: list[dict[str, Any]] = []
    for entry in found:
        columns = [entry[name] if isinstance(entry[name], list) else [entry[name]] for name in names]
        rows += [dict(zip(names, values, strict=True)) for values in zip(*columns, strict=True)]
    return rows


def _exceptions(info: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """GX gives one exception_info, or one per failed metric keyed by its id."""
    return [info] if "raised_exception" in info else [detail for detail in info.values() if isinstance(detail, Mapping)]


def _url(dsn: str) -> str:
    """The URL that SQLAlchemy wants; GX needs a host in it."""
    parts = conninfo_to_dict(dsn)
    extra = {name: value for name, value in parts.items() if name not in ("user", "password", "host", "port", "dbname")}
    user = quote(str(parts["user"]), safe="")
    secret = quote(str(parts["password"]), safe="")
    query = f"?{urlencode(extra)}" if extra else ""
    return f"postgresql+psycopg://{user}:{secret}@{parts['host']}:{parts['port']}/{parts['dbname']}{query}"


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace(" ", "\\ ")
