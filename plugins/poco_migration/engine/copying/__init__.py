"""The one data path: a part of an entity goes from POCO to mi.com, whoever asks for it.

Called by backfill, follow, repair, rollback and every rerun.
Refuses: rows that mi.com owns, tables that have changed since they were pinned, reasons that no card declares.
A single row that a database refuses goes into the quarantine and stops no other row.

Read first: copier.py. What one copied row passes, in this order:

    1. dags/backfill.py                      one mapped task for each part
    2. stages/backfill.py                    copy_part
    3. engine/connection_pair.py             both connections, with their limits
    4. copying/copier.py                     the algorithm, one line for each step
    5. engine/ledger/parts.py                the locks of the parts that are touched
    6. copying/dependents.py                 children whose parents come or go
    7. engine/entity_sql.py                  extract.sql narrowed to the part
    8. copying/staging.py                    source to staging, and what a rule refuses
    9. entities/<name>/extract.sql           the row in mi.com's shape
    10. entities/<name>/load.sql             upsert, and delete what is gone
    11. engine/copying/sql/park.sql          the quarantine
    12. engine/copying/sql/receipt.sql       the receipt, in the same transaction (receipts.py)

Steps of copier.py: dependents.py, staging.py, receipts.py, and keeper.py, which leaves at mi.com what something of mi.com's hangs on.
Beside them: workbench.py keeps the working tables of a session, poisoned_rows.py finds the row that a database refuses,
schema_drift.py compares the tables with what was pinned, and media.py copies photos and attachments between buckets.
"""
