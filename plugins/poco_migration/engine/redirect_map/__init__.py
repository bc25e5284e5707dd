"""Where every address of POCO's leads after the shutdown: the map, its versions in the bucket, and the proof by asking a running service.

Called by stages/redirects.py and stages/final_shutdown.py. Refuses: a map in which an address that POCO has named leads nowhere.

Read first: builder.py. publication.py puts a version into the bucket and switches to it; server_files.py writes the same map for nginx;
known_addresses.py reads sitemaps and access logs; verifier.py asks the service.
"""
