"""What somebody has begun to send back at POCO goes on: it moves open, it moves on, and mi.com ends it after the cutover."""

from __future__ import annotations

import psycopg
import pytest
from support.workplaces import RUN, Servers, clone_of, followed

from poco_migration.adapters.workplace import Workplace
from poco_migration.engine.cutover import handover
from poco_migration.engine.follow import follower
from poco_migration.errors import StageRefused
from poco_migration.model import KeyRange
from poco_migration.stages import backfill

ONE = "select t.status, t.closed_at is null from mi.returns t where t.return_id = mi.poco_key(%s)"


def at_mi(place: Workplace, key: int) -> tuple[str, bool] | None:
    with psycopg.connect(place.target) as target:
        return target.execute(ONE, (key,)).fetchone()


def test_an_open_return_moves_on_until_the_cutover_and_at_mi_com_after_it(servers: Servers, migrated: Workplace) -> None:
    with followed(clone_of(servers, migrated)) as place, psycopg.connect(place.source_owner, autocommit=True) as store:
        (key,) = store.execute(
            "select r.id from poco.returns r join poco.order_items i on i.id = r.order_item_id where r.status = 1 and r.region = 'DE'"
            " and r.id < 900000000 order by r.id limit 1"
        ).fetchone() or (0,)
        assert at_mi(place, key) == ("open", True)
        store.execute("update poco.returns set status = 2 where id = %s", (key,))
        assert follower.catch_up(place, RUN, 60)
        assert at_mi(place, key) == ("received", True)

        handover.to_xiaomi(place, ["returns"], place.settings.moving(), RUN)
        with psycopg.connect(place.target, autocommit=True) as target:
            target.execute("update mi.returns set status = 'closed', closed_at = now() where return_id = mi.poco_key(%s)", (key,))
        store.execute("update poco.returns set status = 4 where id = %s", (key,))  # by somebody past the fence: mi.com's word counts
        follower.catch_up(place, RUN, 60)
        with pytest.raises(StageRefused, match="belongs to mi.com"):
            backfill.copy_part(place, RUN, {"entity": "returns", "lo": KeyRange(None, None).lo, "hi": None})
        assert at_mi(place, key) == ("closed", False)
