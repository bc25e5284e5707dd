"""poco_redirects: 16 December. Where each of POCO's pages will lead, published and asked of the running service."""

from airflow.sdk.bases.operator import chain

from poco_migration.orchestration.dag_parts import door, gate, step
from poco_migration.stages import certification, redirects

ABOUT = """Build the redirects out of mi.com's catalogue, publish them as what is staged, and ask the service for every known address.

No customer is redirected yet: the service uses the staged version only for a request that asks for it by header. poco_final_shutdown
switches on the version that this certificate has verified. Run it again whenever the catalogue or the rules have changed.
"""

with door("redirects", ABOUT):
    entered = step(certification.enter)("redirects")
    built = step(redirects.build)()
    verified = step(redirects.verify)()
    answered, accepted = gate("redirects", "answers")
    certified = step(certification.certify)("redirects", {"answers": accepted.output})
    chain(entered, built, verified, answered)
    chain(accepted, certified)
