"""A realistic POCO store: its DDL, a seeded generator for any size, and the traps that real stores hold.

population.py   who lives there: sizes, regions, people; shared with mi_platform, where most of them have accounts
people.py purchases.py loyalty.py catalogue.py   the rows of one block of customers, table by table
generator.py    schema, blocks streamed with COPY by several processes, traps, indexes, media objects
traps/          one .sql file a trap, and tests/legacy_store/expected_traps.toml with what must become of it
"""
