"""One person's data: a copy of it, or its erasure, in both databases, the buckets and the archive.

Called by stages/personal_data.py. Refuses: an export for somebody who is erased, an erasure that left something.

Read first: data_subject.py (who it is about). inventory.py says which columns are personal; residue_search.py searches both databases;
erasure.py erases and proves it; personal_export.py and export_bundle.py make the copy; archived_data.py reads the archive.
"""
