"""The same redirects for other servers: nginx, and websites in S3 buckets. Text out of rules and map; opens nothing.

nginx answers as the service does, every form of a request line and every path (tests/redirects/test_answers.py), within the same bounds
and in a time that does not depend on what is asked. S3 can do less; its file says what.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from poco_migration.redirects import heads, versions
from poco_migration.redirects.rules import Rules, Site

Pages = Mapping[str, Mapping[str, str]]
NGINX, NGINX_MAP, S3 = "nginx.conf", "redirects.map", "s3-website.json"
# One ending of a path, at a place where one begins.
END = r"(?:[/\x5c]++(?:index(?=[/\x5c.]|\z))?|\.html?(?=[/\x5c.]|\z))"
# What stands before the endings at the end: whatever is no ending, and endings that something follows. Takes each byte once.
PLAINLY = r"\.(?!htm|\.)|\.+(?=\.)|[/\x5c](?![/\x5c.i]|\z)|\.(?!html?(?:[/\x5c.]|\z))"
KEPT = rf"(?:[^/\x5c.]*+(?:{PLAINLY})|[^/\x5c.]++|{END}++(?!\z))*+"
# AWS, Amazon S3 user guide, "Configuring a webpage redirect": at most 50 routing rules for a bucket, metadata of 2 KB.
ROUTING_RULES = 50
LIMITS = [
    "An object's redirect and a routing rule do not carry the query of the request.",
    "Keys are compared with their case and as they were sent: upper case, encoded and doubled slashes lead to the region's front.",
    "A path of no region answers 404: a rule for it would also take India's.",
    "Every method but GET and HEAD is refused with 405, the app's interface with 404; no other host reaches the bucket.",
    "The endpoint of a website speaks HTTP only; TLS and HSTS come from what stands before it.",
]


def forms(rules: Rules, pages: Pages) -> dict[str, bytes]:
    """The files by name. The same rules and map, the same bytes."""
    entries = "".join(f"{_quoted(f'{region}/{page}')} {_quoted(target)};\n" for region, page, target in _all(pages))
    return {NGINX: nginx(rules, pages).encode(), NGINX_MAP: entries.encode(), S3: versions.encode(s3(rules, pages))}


def nginx(rules: Rules, pages: Pages) -> str:
    """What goes into nginx's block http; redirects.map lies beside the main configuration."""
    longest = max((len(f"{region}/{page}".encode()) for region, page, _ in _all(pages)), default=0)
    regions = "".join(_region(name, site, rules) for name, site in rules.sites.items())
    hosts = "".join(f"    {host} {name};\n" for name, site in rules.sites.items() for host in site.hosts)
    hosts += "".join(f"    {host} gone;\n" for host in rules.gone_hosts)
    prefixes = "".join(_page(name, site) for name, site in rules.sites.items() if site.prefixes)
    fronts = "".join(f"    {region} {_quoted(front)};\n" for region, front in rules.fronts.items())
    gone = "|".join(map(re.escape, rules.gone_pages))
    return TEMPLATE.format(
        bucket=1 << max(8, (longest + 64).bit_length()), entries=2 * sum(map(len, pages.values())) + 1024,
        end=END, kept=KEPT, page=heads.PAGE - 1, first=heads.FIRST,
        plain=heads.PLAIN, named=heads.NAMED, beyond=heads.PATH + 1, longer=heads.LINE + 1,
        stays="|".join(map(re.escape, rules.stays_hosts)),
        hosts=hosts, regions=regions, prefixes=prefixes, gone=gone, fronts=fronts,
    )  # fmt: skip


def s3(rules: Rules, pages: Pages) -> dict[str, Any]:
    """By site: the buckets, which have the names of its hosts, their website configuration, and one empty object per page."""
    sites = {}
    for name, site in rules.sites.items():
        routes = [
            rule for prefix, region in site.prefixes.items() if region in rules.fronts for rule in _route(rules, f"{prefix}/", region)
        ]
        if not set(site.prefixes.values()) - set(rules.fronts):
            routes += _route(rules, "", site.default)
        if len(routes) > ROUTING_RULES:
            raise ValueError(f"site {name} needs {len(routes)} routing rules; S3 takes {ROUTING_RULES}")
        objects: dict[str, str] = {}
        for prefix, region in [*site.prefixes.items(), ("", site.default)]:
            if region in rules.fronts:
                folder = f"{prefix}/" if prefix else ""
                objects |= {f"{folder}{page}": target for page, target in pages.get(region, {}).items()}
                objects |= {prefix or "index": rules.fronts[region]}
        sites[name] = {
            "buckets": list(site.hosts), "endings": ["", "/", ".html"], "objects": objects,
            "website": {"IndexDocument": {"Suffix": "index.html"}} | ({"RoutingRules": routes} if routes else {}),
        }  # fmt: skip
    return {"limits": LIMITS, "sites": sites}


def _all(pages: Pages) -> Iterator[tuple[str, str, str]]:
    """Every page in order. nginx compares keys without their case, as they are; a control character is in no address."""
    for region in sorted(pages):
        for page, target in sorted(pages[region].items()):
            if not re.search(r"[\x00-\x1f\x7f]", page):
                yield region, page, target


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _region(name: str, site: Site, rules: Rules) -> str:
    lines = [f'    "~*^{name}:{re.escape(prefix)}(?:[/\\x5c]|\\z)" {_named(region, rules)};\n' for prefix, region in site.prefixes.items()]
    return "".join([*lines, f'    "~^{name}:" {_named(site.default, rules)};\n'])


def _named(region: str, rules: Rules) -> str:
    return region if region in rules.fronts else "STAYS"


def _page(name: str, site: Site) -> str:
    words = "|".join(re.escape(prefix) for prefix in site.prefixes)
    return f'    "~*(?s)^{name}:(?:{words})(?:[/\\x5c]++(?<poco_{name}>.*+))?\\z" $poco_{name};\n'


def _route(rules: Rules, prefix: str, region: str) -> list[dict[str, Any]]:
    """What nobody knows below a prefix to the region's front. S3 says 403 for a missing object that may not be listed."""
    host, _, path = rules.fronts[region].removeprefix("https://").partition("/")
    to = {"HostName": host, "Protocol": "https", "ReplaceKeyWith": path, "HttpRedirectCode": "301"}
    when = [{"HttpErrorCodeReturnedEquals": code} | ({"KeyPrefixEquals": prefix} if prefix else {}) for code in ("404", "403")]
    return [{"Condition": condition, "Redirect": to} for condition in when]


TEMPLATE = r"""# POCO's redirects for nginx: include this file in the block http, with redirects.map beside the main configuration.
# Made by poco_redirects; its manifest has its SHA-256. Change the rules or the catalogue, never this file.
map_hash_bucket_size {bucket};
map_hash_max_size {entries};

map $host $poco_site {{
    default "";
{hosts}}}
# The Host header: a name that could be somebody's; and India's, beside an address that names another host.
map $http_host $poco_named {{
    default "";
    "" 1;
    "~{named}" 1;
}}
map $http_host $poco_stays {{
    default "";
    "~*^(?:{stays})\.?(?::[0-9]*)?$" 1;
}}
# $uri is decoded once, its dots are resolved and its doubled slashes merged. One that is longer than anybody's page leads to the
# front of its region, which its first part says.
map $uri $poco_long {{
    default "";
    "~(?s)^/.{{{page}}}(?:[^/]|/.)" "long:";
}}
map "$poco_long$uri" $poco_path {{
    default $uri;
    "~^long:[/\x5c]*+(?<poco_first>[^/\x5c]{{0,{first}}}+)" "/$poco_first";
}}
# Here the endings go: .html, index, slashes. Each
# byte is looked at once, whatever stands there: quantifiers that give nothing back, no choice that could be made anew.
map $poco_path $poco_rest {{
    "~*(?s)^[/\x5c]*+(?:index(?=[/\x5c.]|\z){end}*+\z|(?<poco_kept>{kept}){end}*+\z)" $poco_kept;
}}
map "$poco_site:$poco_rest" $poco_region {{
    default "";
{regions}}}
map "$poco_site:$poco_rest" $poco_page {{
{prefixes}    "~(?s)^[a-z]+:(?<poco_whole>.*+)\z" $poco_whole;
}}
map $poco_page $poco_key {{
    default $poco_page;
    "~^(?<poco_a>[^/\x5c]++)[/\x5c]++(?<poco_b>[^/\x5c]++)\z" "$poco_a/$poco_b";
    "~^(?<poco_c>[^/\x5c]++)[/\x5c]++(?<poco_d>[^/\x5c]++)[/\x5c]++(?<poco_e>[^/\x5c]++)\z" "$poco_c/$poco_d/$poco_e";
}}
map "$poco_site:$poco_key" $poco_gone {{
    default "";
    "~^gone:" 1;
    "~*^[a-z]+:(?:{gone})(?:[/\x5c]|\z)" 1;
}}
map $poco_region $poco_front {{
    default "";
{fronts}}}
map "$poco_long$poco_region/$poco_key" $poco_target {{
    default "";
    include redirects.map;
}}
map $poco_target $poco_to {{
    default $poco_target;
    "" $poco_front;
}}
map "$poco_target$poco_long$poco_key" $poco_cache {{
    default "public, max-age=86400";
    "~^(?!https:)." "public, max-age=300";
}}

server {{
    listen 8090 default_server;
    server_name _;
    server_tokens off;
    merge_slashes on;
    access_log off;
    # As the service has it: 16 KB for a head, 10 s to send it.
    client_header_buffer_size 1k;
    large_client_header_buffers 2 8k;
    client_header_timeout 10s;
    client_body_timeout 10s;
    keepalive_timeout 15s;
    send_timeout 10s;
    if ($server_protocol = "HTTP/0.9") {{ return 444; }}
    if ($request ~ "(?s)^.{{{longer}}}") {{ return 400; }}
    if ($request !~ "{plain}") {{ return 400; }}
    if ($request_uri ~ "^[^?]{{{beyond}}}") {{ return 400; }}
    if ($poco_rest ~ "(?:^|[/\x5c])\.\.?(?:[/\x5c]|\z)") {{ return 400; }}
    if ($poco_named = "") {{ return 421; }}
    if ($poco_stays) {{ return 421; }}
    if ($poco_site = "") {{ return 421; }}
    if ($poco_gone) {{ return 410; }}
    if ($request_method !~ "^(GET|HEAD)$") {{ return 410; }}
    if ($poco_front = "") {{ return 404; }}
    add_header Strict-Transport-Security "max-age=31536000";
    add_header X-Content-Type-Options "nosniff";
    add_header Cache-Control $poco_cache;
    return 301 $poco_to$is_args$args;
}}
"""
