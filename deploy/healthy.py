"""Exits 0 when a part of Airflow is healthy, by the API's own word: healthy.py URL PART. The health check of compose.

`airflow jobs check` would say the same and import all of Airflow for it, five seconds of a core at every call.
"""

import json
import sys
import urllib.request

url, part = sys.argv[1:]
# The API is where compose says it is: never by way of a proxy that the machine happens to have.
opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
with opener.open(f"{url}/api/v2/monitor/health", timeout=8) as answer:
    status = json.load(answer)[part]["status"]
sys.exit(status != "healthy" and f"{part} is {status}")
