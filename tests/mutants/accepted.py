"""Mutants that no gate kills, each with the reason that an auditor accepts. A mutant that is killed after all is not looked up."""

ACCEPTED: dict[tuple[str, str, str], str] = {}

# Columns that a constraint of mi.com's binds: every other value stops the copy, so there is no wrong one that a gate could judge.
BOUND: dict[tuple[str, str], str] = {
    ("customers", "mi.accounts.origin"): (
        "accounts_check: an account with the hash of a person's address is POCO's, and one without is mi.com's"
    ),
    (
        "customers",
        "mi.accounts.origin_person",
    ): "unique, and the profiles of the copy find their account by it: without the right hash they have none",
    (
        "customers",
        "mi.account_identities.account_id",
    ): "a foreign key and the hash of the account bind it: an address of another account is refused",
    (
        "stores",
        "refused",
    ): "a constant: no rule sets a store aside, and a market that mi.com lacks is the balance stores_without_market's to name",
}
