"""poco_personal_data: on demand. A person gets a copy of their data, or is erased and stays erased."""

from airflow.sdk.bases.operator import chain

from poco_migration.orchestration.dag_parts import asked_for, confirmation, door, person, step
from poco_migration.stages import personal_data

ABOUT = """Export or erase one person, by the key of the account or of the POCO customer; never by name or address.

`account_id` is a person with all profiles; `customer_id` is one customer alone, where several people share an account. An
export is shown to its owner at mi.com, by a link that expires. An erasure cannot be undone: somebody who has made sure that
the request is that person's confirms it. It ends with a search for everything the person has told, in every place that it reaches.
Behind the shutdown POCO's own tables are left as they are, and the proof says so.
"""

with door("personal_data", ABOUT, params=person()):
    found = step(personal_data.identify)()
    export = asked_for("export")
    exported = step(personal_data.export)()
    erase = asked_for("erase")
    confirmed = confirmation("Erase this person for good?")
    erased = step(personal_data.erase)(confirmed.output)
    chain(found, export, exported)
    chain(found, erase, confirmed, erased)
