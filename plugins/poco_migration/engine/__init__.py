"""The machines of the migration. They know no entity by name: an Entity value tells them what to do.

One room for each capability, each with its own sql/. A room may import only rooms that stand below it here
(tests/house/test_layers.py holds the table), and the four files beside the rooms, which every room may import:

    shutdown                              the last day, and the days after it
    prepare   rollback                    readiness and forecast; the way back after a cutover
    verify    privacy                     both sides compared and counted; one person's data
    follow    archive                     what changes in the store; what is kept for years
    cutover   copying   coupons   milestones
    ledger    redirect_map                what the migration knows of itself; where POCO's addresses lead
    evidence                              gates, certificates, signatures, files in the evidence bucket

    cards.py            reads entities/: one folder becomes one Entity
    entity_sql.py       an entity's tables, keys and queries as composed SQL
    connection_pair.py  one connection to each side, with their limits
    throttle.py         waits while a server is unwell

Called by stages/. What one copied row passes is listed in copying/__init__.py.
"""
