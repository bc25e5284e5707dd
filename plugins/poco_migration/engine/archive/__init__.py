"""Everything that moves, as Parquet in S3, sealed for each person, and restored once to prove it.

Called by stages/archive.py, and by privacy/. Refuses: a manifest that is not what was written.

Read first: writer.py. table_layout.py says what a file's columns are; sealer.py seals a person's columns; person_keys.py keeps each
person's key outside of the archive; archive_manifest.py is the list of all files; restore_drill.py restores and compares.
"""
