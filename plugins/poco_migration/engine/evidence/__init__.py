"""What auditors read: gate verdicts, drafts that people sign, certificates, and the files in the evidence bucket.

Called by stages/certification.py and by every stage with a step that cannot be undone.
Refuses: a stage without its gates, a warning that nobody has accepted, an equation that does not close, a signature for another draft,
a report that was changed in the bucket.

Read first: certificate.py (issues one), then certificate_content.py (what stands in it). gate.py judges; draft.py and approvals.py are
the signatures; evidence_files.py names the files; canonical_json.py gives each document one spelling; lateness.py counts from the deadline.
facts.py knows what a run has measured, and which of it a gate has judged; tries.py names every try of every gate.
"""
