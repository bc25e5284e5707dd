-- Purpose: the versions of the redirects that were published, and what a running service answered when it was asked for every
--          known address. Counts, and where an address stands; never an address of a log, which can name a person.
-- Rerun:   safe.

create table if not exists migration.redirect_version (
    version         text        primary key,    -- the first 16 digits of the manifest's SHA-256
    manifest_sha256 text        not null,
    pages           bigint      not null,       -- that lead to a page of their own
    run             text        not null,
    published_at    timestamptz not null default now(),
    switched_on_at  timestamptz                 -- since when everybody is answered with it
);

create table if not exists migration.redirect_check (
    run           text   not null,
    region        text   not null,              -- of the address; NONE where it is no address of a region that moved
    origin        text   not null check (origin in ('catalogue', 'map', 'sitemap', 'log', 'app')),
    version       text   not null,              -- that answered
    asked         bigint not null,
    to_page       bigint not null,              -- led to the page that the address means
    to_front      bigint not null,              -- led to the region's front, because nobody knows the page
    refused       bigint not null,              -- rightly not redirected: India, the app's interface, writes, other hosts
    unanswered    bigint not null,              -- none of these: no answer, or one that nobody expects
    not_one_hop   bigint not null,              -- not permanent, or to where another redirect answers
    open_redirect bigint not null,              -- to a host that is not allowed
    other_region  bigint not null,
    missing_page  bigint not null,              -- to a page that mi.com's catalogue does not have
    wrong_page    bigint not null,              -- an article's page to another page than the article's
    query_lost    bigint not null,
    touched       bigint not null,              -- redirected although it stays
    primary key (run, region, origin)
);

-- What failed, by where the address stands (file and line, or the article's key); the first ones of each problem.
create table if not exists migration.redirect_failure (
    run     text not null,
    problem text not null,
    stands  text not null,
    region  text not null,
    primary key (run, problem, stands)
);

-- Pages of mi.com's own that a redirect hides.
create table if not exists migration.redirect_shadow (
    run  text not null,
    page text not null,
    primary key (run, page)
);
