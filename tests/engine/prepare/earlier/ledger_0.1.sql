-- Purpose: the ledger as version 0.1 (commit 7f0c2ea) made it, after a backfill of the test store; what poco_prepare must take over.
--
-- PostgreSQL database dump
--


-- Dumped from database version 18.4
-- Dumped by pg_dump version 18.4

SET statement_timeout = 0;
SET lock_timeout = 0;
SET idle_in_transaction_session_timeout = 0;
SET transaction_timeout = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);
SET check_function_bodies = false;
SET xmloption = content;
SET client_min_messages = warning;
SET row_security = off;

--
-- Name: migration; Type: SCHEMA; Schema: -; Owner: -
--

CREATE SCHEMA migration;


--
-- Name: health(text); Type: FUNCTION; Schema: migration; Owner: -
--

CREATE FUNCTION migration.health(own_slot text) RETURNS TABLE(signal text, measured numeric)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog'
    AS $$
with activity as (
    select a.pid, a.state, a.usename is not distinct from session_user as ours
      from pg_stat_activity a
     where a.backend_type = 'client backend'
),
waiting as (
    select l.pid, extract(epoch from clock_timestamp() - min(l.waitstart)) as seconds
      from pg_locks l join activity a on a.pid = l.pid and not a.ours
     where not l.granted
     group by l.pid
),
standby as (
    select r.replay_lag, r.replay_lsn
      from pg_stat_replication r
     where r.state in ('streaming', 'catchup')
       and not exists (select from pg_replication_slots s where s.active_pid = r.pid and s.slot_type = 'logical')
)
select 'replay_lag_mb', coalesce(max(pg_wal_lsn_diff(pg_current_wal_insert_lsn(), replay_lsn)), 0) / 1e6 from standby
 union all
select 'replay_lag_s', coalesce(max(extract(epoch from replay_lag)), 0) from standby
 union all
select 'active_sessions', count(*) from activity where state = 'active' and not ours
 union all
select 'retained_wal_mb', coalesce(max(pg_wal_lsn_diff(pg_current_wal_insert_lsn(), restart_lsn)), 0) / 1e6
  from pg_replication_slots where slot_name <> own_slot
 union all
select 'lock_wait_s', coalesce(max(seconds), 0) from waiting
 union all
select 'blocked_by_us_s', coalesce(max(w.seconds), 0)
  from waiting w
 where exists (select from activity a where a.ours and a.pid = any (pg_blocking_pids(w.pid)))
$$;


--
-- Name: whole_points(numeric, bigint, bigint); Type: FUNCTION; Schema: migration; Owner: -
--

CREATE FUNCTION migration.whole_points(points numeric, points_new bigint, points_old bigint) RETURNS numeric
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN div(((points * (points_new)::numeric) - mod((mod((points * (points_new)::numeric), (points_old)::numeric) + (points_old)::numeric), (points_old)::numeric)), (points_old)::numeric);


SET default_tablespace = '';

SET default_table_access_method = heap;

--
-- Name: aftercheck; Type: TABLE; Schema: migration; Owner: -
--

CREATE TABLE migration.aftercheck (
    run text NOT NULL,
    name text NOT NULL,
    subject text NOT NULL,
    problem text NOT NULL,
    next_action text NOT NULL,
    checked_at timestamp with time zone DEFAULT now() NOT NULL
);


--
-- Name: alert; Type: TABLE; Schema: migration; Owner: -
--

CREATE TABLE migration.alert (
    stage text NOT NULL,
    kind text NOT NULL,
    due timestamp with time zone NOT NULL,
    before_hours integer NOT NULL,
    told_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT alert_kind_check CHECK ((kind = ANY (ARRAY['milestone'::text, 'deadline'::text])))
);


--
-- Name: approval; Type: TABLE; Schema: migration; Owner: -
--

CREATE TABLE migration.approval (
    stage text NOT NULL,
    run text NOT NULL,
    subject text NOT NULL,
    approver text NOT NULL,
    answered_at timestamp with time zone NOT NULL,
    draft text
);


--
-- Name: archive; Type: TABLE; Schema: migration; Owner: -
--

CREATE TABLE migration.archive (
    archive_id bigint NOT NULL,
    run text NOT NULL,
    "position" text NOT NULL,
    snapshot text NOT NULL,
    object_key text NOT NULL,
    sha256 text NOT NULL,
    locked text NOT NULL,
    made_at timestamp with time zone DEFAULT now() NOT NULL
);


--
-- Name: archive_archive_id_seq; Type: SEQUENCE; Schema: migration; Owner: -
--

ALTER TABLE migration.archive ALTER COLUMN archive_id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME migration.archive_archive_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);


--
-- Name: archive_file; Type: TABLE; Schema: migration; Owner: -
--

CREATE TABLE migration.archive_file (
    run text NOT NULL,
    entity text NOT NULL,
    region text NOT NULL,
    object_key text NOT NULL,
    sha256 text NOT NULL,
    bytes bigint NOT NULL,
    rows bigint NOT NULL,
    row_groups integer NOT NULL,
    erased bigint NOT NULL,
    plain text NOT NULL,
    personal text NOT NULL,
    "position" text NOT NULL,
    lock_mode text DEFAULT ''::text NOT NULL,
    lock_until timestamp with time zone,
    written boolean NOT NULL,
    seconds double precision NOT NULL,
    at timestamp with time zone DEFAULT now() NOT NULL
);


--
-- Name: archive_restored; Type: TABLE; Schema: migration; Owner: -
--

CREATE TABLE migration.archive_restored (
    run text NOT NULL,
    entity text NOT NULL,
    region text NOT NULL,
    listed bigint NOT NULL,
    restored bigint NOT NULL,
    source bigint,
    erased bigint NOT NULL,
    problem text NOT NULL,
    at timestamp with time zone DEFAULT now() NOT NULL
);


--
-- Name: attempt; Type: TABLE; Schema: migration; Owner: -
--

CREATE TABLE migration.attempt (
    only_one boolean DEFAULT true NOT NULL,
    number bigint NOT NULL,
    CONSTRAINT attempt_only_one_check CHECK (only_one)
);


--
-- Name: backlog; Type: TABLE; Schema: migration; Owner: -
--

CREATE TABLE migration.backlog (
    slot text NOT NULL,
    measured_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    written pg_lsn NOT NULL,
    retained_bytes bigint NOT NULL,
    wal_bytes_per_s double precision NOT NULL,
    lag_bytes bigint NOT NULL,
    lag_seconds double precision NOT NULL,
    keys bigint NOT NULL
);


--
-- Name: certificate; Type: TABLE; Schema: migration; Owner: -
--

CREATE TABLE migration.certificate (
    sequence integer NOT NULL,
    stage text NOT NULL,
    run text NOT NULL,
    issued_at timestamp with time zone DEFAULT now() NOT NULL,
    document text NOT NULL,
    sha256 text NOT NULL,
    previous text,
    report text NOT NULL,
    signature text DEFAULT ''::text NOT NULL,
    page text DEFAULT ''::text NOT NULL
);


--
-- Name: control_total; Type: TABLE; Schema: migration; Owner: -
--

CREATE TABLE migration.control_total (
    run text NOT NULL,
    total text NOT NULL,
    region text NOT NULL,
    bucket text NOT NULL,
    source numeric NOT NULL,
    target numeric NOT NULL
);


--
-- Name: coupon_freeze; Type: TABLE; Schema: migration; Owner: -
--

CREATE TABLE migration.coupon_freeze (
    coupon_id bigint NOT NULL,
    region text NOT NULL,
    currency text NOT NULL,
    kind text NOT NULL,
    audience text NOT NULL,
    uses integer NOT NULL,
    worth numeric NOT NULL,
    frozen_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT coupon_freeze_audience_check CHECK ((audience = ANY (ARRAY['personal'::text, 'public'::text])))
);


--
-- Name: coupon_reissue; Type: TABLE; Schema: migration; Owner: -
--

CREATE TABLE migration.coupon_reissue (
    coupon_id bigint NOT NULL,
    region text NOT NULL,
    market text NOT NULL,
    profile_id bigint,
    kind text NOT NULL,
    amount numeric(18,3),
    percent numeric(5,2),
    currency text NOT NULL,
    minimum numeric(18,3) NOT NULL,
    category text,
    stackable boolean NOT NULL,
    uses_left integer NOT NULL,
    per_customer integer NOT NULL,
    valid_from timestamp with time zone NOT NULL,
    valid_until timestamp with time zone NOT NULL,
    extended boolean NOT NULL,
    state text DEFAULT 'planned'::text NOT NULL,
    epoch integer DEFAULT 0 NOT NULL,
    problem text DEFAULT ''::text NOT NULL,
    reissue_id uuid,
    noticed_by text,
    changed_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT coupon_reissue_state_check CHECK ((state = ANY (ARRAY['planned'::text, 'reserved'::text, 'issued'::text, 'done'::text, 'refused'::text, 'given_back'::text])))
)
WITH (fillfactor='60');


--
-- Name: difference; Type: TABLE; Schema: migration; Owner: -
--

CREATE TABLE migration.difference (
    run text NOT NULL,
    entity text NOT NULL,
    target_key bigint NOT NULL,
    source_key bigint,
    kind text NOT NULL,
    found_at timestamp with time zone DEFAULT now() NOT NULL,
    confirmed_at timestamp with time zone,
    copied_at timestamp with time zone,
    repaired_at timestamp with time zone,
    CONSTRAINT difference_check CHECK (((source_key IS NULL) = (kind = 'foreign'::text))),
    CONSTRAINT difference_kind_check CHECK ((kind = ANY (ARRAY['lost'::text, 'extra'::text, 'stale'::text, 'duplicated'::text, 'held'::text, 'foreign'::text])))
);


--
-- Name: difference_part; Type: TABLE; Schema: migration; Owner: -
--

CREATE TABLE migration.difference_part (
    run text NOT NULL,
    entity text NOT NULL,
    part_no integer NOT NULL,
    lo bigint,
    hi bigint,
    rows_source bigint NOT NULL,
    set_aside bigint NOT NULL,
    counted_source bigint NOT NULL,
    rows_target bigint NOT NULL,
    counted_target bigint NOT NULL,
    differing bigint NOT NULL,
    seconds double precision NOT NULL,
    finished_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL
);


--
-- Name: dirty; Type: TABLE; Schema: migration; Owner: -
--

CREATE TABLE migration.dirty (
    seq bigint NOT NULL,
    entity text NOT NULL,
    source_key bigint NOT NULL,
    family boolean NOT NULL,
    since timestamp with time zone DEFAULT now() NOT NULL
);


--
-- Name: dirty_seq_seq; Type: SEQUENCE; Schema: migration; Owner: -
--

ALTER TABLE migration.dirty ALTER COLUMN seq ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME migration.dirty_seq_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);


--
-- Name: draft; Type: TABLE; Schema: migration; Owner: -
--

CREATE TABLE migration.draft (
    draft_id bigint NOT NULL,
    stage text NOT NULL,
    run text NOT NULL,
    made_at timestamp with time zone DEFAULT now() NOT NULL,
    document text NOT NULL,
    sha256 text NOT NULL,
    report text NOT NULL
);


--
-- Name: draft_draft_id_seq; Type: SEQUENCE; Schema: migration; Owner: -
--

ALTER TABLE migration.draft ALTER COLUMN draft_id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME migration.draft_draft_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);


--
-- Name: erasure; Type: TABLE; Schema: migration; Owner: -
--

CREATE TABLE migration.erasure (
    customer bigint NOT NULL,
    account_id bigint,
    run text NOT NULL,
    began_at timestamp with time zone DEFAULT now() NOT NULL,
    erased_at timestamp with time zone,
    proof jsonb
);


--
-- Name: part; Type: TABLE; Schema: migration; Owner: -
--

CREATE TABLE migration.part (
    entity text NOT NULL,
    part_no integer NOT NULL,
    lo bigint,
    hi bigint,
    wanted integer DEFAULT 0 NOT NULL,
    done integer DEFAULT 0 NOT NULL,
    copied_at timestamp with time zone,
    proven_at timestamp with time zone
);


--
-- Name: scope; Type: TABLE; Schema: migration; Owner: -
--

CREATE TABLE migration.scope (
    region text NOT NULL,
    decision text NOT NULL,
    market text,
    loyalty boolean NOT NULL,
    minimum_age integer NOT NULL,
    points_new bigint DEFAULT 1 NOT NULL,
    points_old bigint DEFAULT 1 NOT NULL,
    CONSTRAINT scope_decision_check CHECK ((decision = ANY (ARRAY['move'::text, 'stay'::text, 'hold'::text]))),
    CONSTRAINT scope_points_new_check CHECK ((points_new > 0)),
    CONSTRAINT scope_points_old_check CHECK ((points_old > 0))
);


--
-- Name: system_of_record; Type: TABLE; Schema: migration; Owner: -
--

CREATE TABLE migration.system_of_record (
    entity text NOT NULL,
    region text NOT NULL,
    owner text NOT NULL,
    since timestamp with time zone DEFAULT now() NOT NULL,
    run text NOT NULL,
    CONSTRAINT system_of_record_owner_check CHECK ((owner = ANY (ARRAY['POCO'::text, 'returning'::text, 'Xiaomi'::text])))
);


--
-- Name: followed; Type: VIEW; Schema: migration; Owner: -
--

CREATE VIEW migration.followed AS
 SELECT DISTINCT entity
   FROM migration.part p
  WHERE (EXISTS ( SELECT
           FROM migration.scope s
          WHERE ((s.decision = 'move'::text) AND (NOT (EXISTS ( SELECT
                   FROM migration.system_of_record o
                  WHERE (((o.entity = p.entity) AND (o.region = s.region)) AND (o.owner <> 'POCO'::text))))))));


--
-- Name: forecast; Type: TABLE; Schema: migration; Owner: -
--

CREATE TABLE migration.forecast (
    run text NOT NULL,
    entity text NOT NULL,
    moves text NOT NULL,
    rows bigint NOT NULL,
    rows_from text NOT NULL,
    parts integer NOT NULL,
    bytes bigint NOT NULL,
    seconds double precision NOT NULL,
    rate_from text NOT NULL,
    made_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT forecast_rows_from_check CHECK ((rows_from = ANY (ARRAY['counted'::text, 'estimated'::text])))
);


--
-- Name: forecast_outcome; Type: TABLE; Schema: migration; Owner: -
--

CREATE TABLE migration.forecast_outcome (
    run text NOT NULL,
    forecast_run text NOT NULL,
    entity text NOT NULL,
    rows bigint NOT NULL,
    seconds double precision NOT NULL,
    forecast_rows bigint NOT NULL,
    forecast_s double precision NOT NULL,
    settled_at timestamp with time zone DEFAULT now() NOT NULL
);


--
-- Name: gate; Type: TABLE; Schema: migration; Owner: -
--

CREATE TABLE migration.gate (
    gate_id bigint NOT NULL,
    stage text NOT NULL,
    gate text NOT NULL,
    run text NOT NULL,
    try_number integer NOT NULL,
    verdict text NOT NULL,
    expected integer NOT NULL,
    evaluated integer NOT NULL,
    failed integer NOT NULL,
    report text NOT NULL,
    sha256 text NOT NULL,
    judged_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT gate_verdict_check CHECK ((verdict = ANY (ARRAY['pass'::text, 'warn'::text, 'fail'::text])))
);


--
-- Name: gate_gate_id_seq; Type: SEQUENCE; Schema: migration; Owner: -
--

ALTER TABLE migration.gate ALTER COLUMN gate_id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME migration.gate_gate_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);


--
-- Name: leaving; Type: TABLE; Schema: migration; Owner: -
--

CREATE TABLE migration.leaving (
    entity text NOT NULL,
    source_key bigint NOT NULL
);


--
-- Name: left_out; Type: TABLE; Schema: migration; Owner: -
--

CREATE TABLE migration.left_out (
    entity text NOT NULL,
    source_key bigint NOT NULL,
    region text NOT NULL,
    outcome text NOT NULL,
    reason text NOT NULL,
    since timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT left_out_outcome_check CHECK ((outcome = ANY (ARRAY['merged'::text, 'excluded'::text])))
);


--
-- Name: liability; Type: TABLE; Schema: migration; Owner: -
--

CREATE TABLE migration.liability (
    run text NOT NULL,
    region text NOT NULL,
    currency text NOT NULL,
    kind text NOT NULL,
    audience text NOT NULL,
    line text NOT NULL,
    coupons bigint NOT NULL,
    uses bigint NOT NULL,
    worth numeric NOT NULL
);


--
-- Name: liability_open; Type: VIEW; Schema: migration; Owner: -
--

CREATE VIEW migration.liability_open AS
 SELECT run,
    region,
    currency,
    kind,
    audience,
    sum((coupons * n)) AS coupons,
    sum((uses * n)) AS uses,
    sum((worth * (n)::numeric)) AS worth
   FROM ( SELECT l.run,
            l.region,
            l.currency,
            l.kind,
            l.audience,
            l.line,
            l.coupons,
            l.uses,
            l.worth,
                CASE l.line
                    WHEN 'freeze'::text THEN 1
                    ELSE '-1'::integer
                END AS n
           FROM migration.liability l) s
  GROUP BY run, region, currency, kind, audience
 HAVING ((sum((coupons * n)) <> (0)::numeric) OR (sum((uses * n)) <> (0)::numeric) OR (sum((worth * (n)::numeric)) <> (0)::numeric));


--
-- Name: not_returned; Type: TABLE; Schema: migration; Owner: -
--

CREATE TABLE migration.not_returned (
    entity text NOT NULL,
    target_key bigint NOT NULL,
    source_key bigint,
    region text NOT NULL,
    kind text NOT NULL,
    reason text NOT NULL,
    next_action text NOT NULL,
    detail text DEFAULT ''::text NOT NULL,
    run text NOT NULL,
    owner text,
    first_seen timestamp with time zone DEFAULT now() NOT NULL,
    last_seen timestamp with time zone DEFAULT now() NOT NULL,
    resolved_at timestamp with time zone,
    CONSTRAINT not_returned_kind_check CHECK ((kind = ANY (ARRAY['changed'::text, 'deleted'::text, 'created'::text])))
);


--
-- Name: notice; Type: TABLE; Schema: migration; Owner: -
--

CREATE TABLE migration.notice (
    run text NOT NULL,
    region text NOT NULL,
    object text NOT NULL,
    sha256 text NOT NULL,
    bytes bigint NOT NULL,
    notices bigint NOT NULL,
    written_at timestamp with time zone DEFAULT now() NOT NULL
);


--
-- Name: object; Type: TABLE; Schema: migration; Owner: -
--

CREATE TABLE migration.object (
    object_no bigint NOT NULL,
    target_object text NOT NULL,
    source_object text NOT NULL,
    region text NOT NULL,
    named boolean NOT NULL,
    expected_bytes bigint,
    expected_sha256 text,
    bytes bigint,
    sha256 text,
    etag text,
    copied_at timestamp with time zone,
    CONSTRAINT object_check CHECK ((((sha256 IS NULL) = (copied_at IS NULL)) AND ((sha256 IS NULL) = (etag IS NULL)) AND ((sha256 IS NULL) = (bytes IS NULL))))
);


--
-- Name: object_object_no_seq; Type: SEQUENCE; Schema: migration; Owner: -
--

ALTER TABLE migration.object ALTER COLUMN object_no ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME migration.object_object_no_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);


--
-- Name: object_recon; Type: TABLE; Schema: migration; Owner: -
--

CREATE TABLE migration.object_recon (
    run text NOT NULL,
    region text NOT NULL,
    named_at_poco bigint NOT NULL,
    gone bigint NOT NULL,
    unnamed bigint NOT NULL,
    extra bigint NOT NULL,
    named bigint NOT NULL,
    copied bigint NOT NULL,
    quarantined bigint NOT NULL,
    missing bigint NOT NULL,
    bytes bigint NOT NULL,
    CONSTRAINT object_recon_check CHECK (((named_at_poco + extra) = ((named + gone) + unnamed))),
    CONSTRAINT object_recon_check1 CHECK ((named = ((copied + quarantined) + missing)))
);


--
-- Name: person_key; Type: TABLE; Schema: migration; Owner: -
--

CREATE TABLE migration.person_key (
    customer bigint NOT NULL,
    wrapped bytea NOT NULL,
    master text NOT NULL,
    made_at timestamp with time zone DEFAULT now() NOT NULL
);


--
-- Name: personal_export; Type: TABLE; Schema: migration; Owner: -
--

CREATE TABLE migration.personal_export (
    object text NOT NULL,
    account_id bigint,
    profile_id bigint,
    customers bigint[] NOT NULL,
    run text NOT NULL,
    link text,
    sha256 text,
    bytes bigint,
    rows bigint,
    made_at timestamp with time zone DEFAULT now() NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    deleted_at timestamp with time zone
);


--
-- Name: points_remainder; Type: TABLE; Schema: migration; Owner: -
--

CREATE TABLE migration.points_remainder (
    entry_id bigint NOT NULL,
    points bigint NOT NULL,
    points_new bigint NOT NULL,
    points_old bigint NOT NULL,
    credited bigint NOT NULL,
    remainder bigint NOT NULL,
    CONSTRAINT points_remainder_check CHECK ((((points)::numeric * (points_new)::numeric) = (((credited)::numeric * (points_old)::numeric) + (remainder)::numeric)))
);


--
-- Name: presence; Type: TABLE; Schema: migration; Owner: -
--

CREATE TABLE migration.presence (
    run text NOT NULL,
    entity text NOT NULL,
    region text NOT NULL,
    handed_over text NOT NULL,
    was bigint NOT NULL,
    present bigint NOT NULL,
    erased bigint DEFAULT 0 NOT NULL
);


--
-- Name: quarantine; Type: TABLE; Schema: migration; Owner: -
--

CREATE TABLE migration.quarantine (
    entity text NOT NULL,
    source_key bigint NOT NULL,
    region text NOT NULL,
    reason text NOT NULL,
    next_action text NOT NULL,
    detail text DEFAULT ''::text NOT NULL,
    owner text,
    first_seen timestamp with time zone DEFAULT now() NOT NULL,
    last_seen timestamp with time zone DEFAULT now() NOT NULL,
    resolved_at timestamp with time zone
);


--
-- Name: quiet; Type: TABLE; Schema: migration; Owner: -
--

CREATE TABLE migration.quiet (
    look bigint NOT NULL,
    entity text NOT NULL,
    region text NOT NULL,
    rows bigint NOT NULL,
    mark numeric NOT NULL,
    looked_at timestamp with time zone NOT NULL,
    run text NOT NULL
);


--
-- Name: readiness; Type: TABLE; Schema: migration; Owner: -
--

CREATE TABLE migration.readiness (
    run text NOT NULL,
    region text NOT NULL,
    check_name text NOT NULL,
    measured text NOT NULL,
    demanded text NOT NULL,
    ok boolean NOT NULL,
    next_action text NOT NULL,
    severity text DEFAULT 'critical'::text NOT NULL,
    measured_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT readiness_severity_check CHECK ((severity = ANY (ARRAY['critical'::text, 'warning'::text, 'info'::text])))
);


--
-- Name: reason_owner; Type: TABLE; Schema: migration; Owner: -
--

CREATE TABLE migration.reason_owner (
    reason text NOT NULL,
    owner text NOT NULL,
    CONSTRAINT reason_owner_owner_check CHECK ((owner <> ''::text))
);


--
-- Name: receipt; Type: TABLE; Schema: migration; Owner: -
--

CREATE TABLE migration.receipt (
    receipt_id bigint NOT NULL,
    entity text NOT NULL,
    kind text NOT NULL,
    lo bigint,
    hi bigint,
    keys integer,
    rows_read bigint NOT NULL,
    rows_kept bigint NOT NULL,
    rows_changed bigint NOT NULL,
    rows_gone bigint NOT NULL,
    rows_parked bigint NOT NULL,
    bytes bigint NOT NULL,
    snapshot text NOT NULL,
    run text NOT NULL,
    started_at timestamp with time zone NOT NULL,
    finished_at timestamp with time zone NOT NULL,
    CONSTRAINT receipt_kind_check CHECK ((kind = ANY (ARRAY['range'::text, 'keys'::text])))
);


--
-- Name: receipt_receipt_id_seq; Type: SEQUENCE; Schema: migration; Owner: -
--

ALTER TABLE migration.receipt ALTER COLUMN receipt_id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME migration.receipt_receipt_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);


--
-- Name: recon; Type: TABLE; Schema: migration; Owner: -
--

CREATE TABLE migration.recon (
    run text NOT NULL,
    entity text NOT NULL,
    region text NOT NULL,
    decision text NOT NULL,
    source bigint NOT NULL,
    migrated bigint NOT NULL,
    merged bigint NOT NULL,
    excluded bigint NOT NULL,
    quarantined bigint NOT NULL,
    missing bigint NOT NULL,
    extra bigint NOT NULL,
    measured_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT recon_check CHECK ((source = (((((migrated + merged) + excluded) + quarantined) + missing) - extra))),
    CONSTRAINT recon_extra_check CHECK ((extra >= 0)),
    CONSTRAINT recon_missing_check CHECK ((missing >= 0))
);


--
-- Name: redirect_check; Type: TABLE; Schema: migration; Owner: -
--

CREATE TABLE migration.redirect_check (
    run text NOT NULL,
    region text NOT NULL,
    origin text NOT NULL,
    version text NOT NULL,
    asked bigint NOT NULL,
    to_page bigint NOT NULL,
    to_front bigint NOT NULL,
    refused bigint NOT NULL,
    unanswered bigint NOT NULL,
    not_one_hop bigint NOT NULL,
    open_redirect bigint NOT NULL,
    other_region bigint NOT NULL,
    missing_page bigint NOT NULL,
    wrong_page bigint NOT NULL,
    query_lost bigint NOT NULL,
    touched bigint NOT NULL,
    CONSTRAINT redirect_check_origin_check CHECK ((origin = ANY (ARRAY['catalogue'::text, 'map'::text, 'sitemap'::text, 'log'::text, 'app'::text])))
);


--
-- Name: redirect_failure; Type: TABLE; Schema: migration; Owner: -
--

CREATE TABLE migration.redirect_failure (
    run text NOT NULL,
    problem text NOT NULL,
    stands text NOT NULL,
    region text NOT NULL
);


--
-- Name: redirect_shadow; Type: TABLE; Schema: migration; Owner: -
--

CREATE TABLE migration.redirect_shadow (
    run text NOT NULL,
    page text NOT NULL
);


--
-- Name: redirect_version; Type: TABLE; Schema: migration; Owner: -
--

CREATE TABLE migration.redirect_version (
    version text NOT NULL,
    manifest_sha256 text NOT NULL,
    pages bigint NOT NULL,
    run text NOT NULL,
    published_at timestamp with time zone DEFAULT now() NOT NULL,
    switched_on_at timestamp with time zone
);


--
-- Name: remains; Type: TABLE; Schema: migration; Owner: -
--

CREATE TABLE migration.remains (
    run text NOT NULL,
    what text NOT NULL,
    region text NOT NULL,
    number bigint NOT NULL,
    measured_at timestamp with time zone DEFAULT now() NOT NULL
);


--
-- Name: return_key; Type: TABLE; Schema: migration; Owner: -
--

CREATE TABLE migration.return_key (
    run text NOT NULL,
    entity text NOT NULL,
    target_key bigint NOT NULL,
    source_key bigint NOT NULL,
    region text NOT NULL,
    kind text NOT NULL,
    state text DEFAULT 'found'::text NOT NULL,
    CONSTRAINT return_key_kind_check CHECK ((kind = ANY (ARRAY['changed'::text, 'deleted'::text, 'created'::text]))),
    CONSTRAINT return_key_state_check CHECK ((state = ANY (ARRAY['found'::text, 'back'::text, 'listed'::text])))
);


--
-- Name: returned; Type: TABLE; Schema: migration; Owner: -
--

CREATE TABLE migration.returned (
    run text NOT NULL,
    entity text NOT NULL,
    region text NOT NULL,
    kind text NOT NULL,
    found bigint NOT NULL,
    back bigint NOT NULL,
    listed bigint NOT NULL,
    unexplained bigint NOT NULL,
    measured_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT returned_kind_check CHECK ((kind = ANY (ARRAY['changed'::text, 'deleted'::text, 'created'::text])))
);


--
-- Name: rollback_rehearsal; Type: TABLE; Schema: migration; Owner: -
--

CREATE TABLE migration.rollback_rehearsal (
    run text NOT NULL,
    entity text NOT NULL,
    region text NOT NULL,
    keys bigint NOT NULL,
    equal bigint NOT NULL,
    at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT rollback_rehearsal_check CHECK ((equal <= keys))
);


--
-- Name: shape; Type: TABLE; Schema: migration; Owner: -
--

CREATE TABLE migration.shape (
    side text NOT NULL,
    table_name text NOT NULL,
    fingerprint text NOT NULL,
    description jsonb NOT NULL,
    entities text[] NOT NULL,
    pinned_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT shape_side_check CHECK ((side = ANY (ARRAY['source'::text, 'target'::text])))
);


--
-- Name: shutdown_condition; Type: TABLE; Schema: migration; Owner: -
--

CREATE TABLE migration.shutdown_condition (
    run text NOT NULL,
    name text NOT NULL,
    demanded text NOT NULL,
    lacking text NOT NULL,
    next_action text NOT NULL,
    measured_at timestamp with time zone DEFAULT now() NOT NULL
);


--
-- Name: stream; Type: TABLE; Schema: migration; Owner: -
--

CREATE TABLE migration.stream (
    slot text NOT NULL,
    captured pg_lsn NOT NULL,
    lost text,
    renewed_at timestamp with time zone,
    ended_at timestamp with time zone,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    captured_at timestamp with time zone DEFAULT now() NOT NULL
);


--
-- Name: switch_step; Type: TABLE; Schema: migration; Owner: -
--

CREATE TABLE migration.switch_step (
    step_id bigint NOT NULL,
    run text NOT NULL,
    attempt bigint NOT NULL,
    step text NOT NULL,
    regions text[] NOT NULL,
    keys bigint DEFAULT 0 NOT NULL,
    began_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    seconds double precision,
    stage text DEFAULT 'cutover'::text NOT NULL
);


--
-- Name: switch_step_step_id_seq; Type: SEQUENCE; Schema: migration; Owner: -
--

ALTER TABLE migration.switch_step ALTER COLUMN step_id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME migration.switch_step_step_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);


--
-- Name: tombstone; Type: TABLE; Schema: migration; Owner: -
--

CREATE TABLE migration.tombstone (
    subject bytea NOT NULL,
    erased_at timestamp with time zone DEFAULT now() NOT NULL
);


--
-- Name: unproven; Type: TABLE; Schema: migration; Owner: -
--

CREATE TABLE migration.unproven (
    seq bigint NOT NULL,
    entity text NOT NULL,
    keys bigint[] NOT NULL
);


--
-- Name: unproven_seq_seq; Type: SEQUENCE; Schema: migration; Owner: -
--

ALTER TABLE migration.unproven ALTER COLUMN seq ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME migration.unproven_seq_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);


--
-- Data for Name: aftercheck; Type: TABLE DATA; Schema: migration; Owner: -
--



--
-- Data for Name: alert; Type: TABLE DATA; Schema: migration; Owner: -
--



--
-- Data for Name: approval; Type: TABLE DATA; Schema: migration; Owner: -
--



--
-- Data for Name: archive; Type: TABLE DATA; Schema: migration; Owner: -
--



--
-- Data for Name: archive_file; Type: TABLE DATA; Schema: migration; Owner: -
--



--
-- Data for Name: archive_restored; Type: TABLE DATA; Schema: migration; Owner: -
--



--
-- Data for Name: attempt; Type: TABLE DATA; Schema: migration; Owner: -
--

INSERT INTO migration.attempt VALUES
	(true, 0);


--
-- Data for Name: backlog; Type: TABLE DATA; Schema: migration; Owner: -
--



--
-- Data for Name: certificate; Type: TABLE DATA; Schema: migration; Owner: -
--



--
-- Data for Name: control_total; Type: TABLE DATA; Schema: migration; Owner: -
--



--
-- Data for Name: coupon_freeze; Type: TABLE DATA; Schema: migration; Owner: -
--



--
-- Data for Name: coupon_reissue; Type: TABLE DATA; Schema: migration; Owner: -
--



--
-- Data for Name: difference; Type: TABLE DATA; Schema: migration; Owner: -
--



--
-- Data for Name: difference_part; Type: TABLE DATA; Schema: migration; Owner: -
--



--
-- Data for Name: dirty; Type: TABLE DATA; Schema: migration; Owner: -
--

INSERT INTO migration.dirty OVERRIDING SYSTEM VALUE VALUES
	(1, 'customers', 900017999, true, '2026-11-27 06:39:53.645644+00'),
	(2, 'customers', 900017999, true, '2026-11-27 06:39:54.533579+00'),
	(3, 'customers', 900013002, true, '2026-11-27 06:39:55.172589+00'),
	(4, 'customers', 900017999, true, '2026-11-27 06:39:55.172589+00'),
	(5, 'customers', 900026001, true, '2026-11-27 06:39:55.172589+00'),
	(6, 'products', 900017999, true, '2026-11-27 06:39:56.70457+00'),
	(7, 'orders', 900013001, true, '2026-11-27 06:39:57.397145+00'),
	(8, 'orders', 900017999, true, '2026-11-27 06:39:57.397145+00'),
	(9, 'orders', 900026002, true, '2026-11-27 06:39:57.397145+00'),
	(10, 'orders', 900017999, true, '2026-11-27 06:39:58.396929+00'),
	(11, 'customers', 900017999, true, '2026-11-27 06:39:59.025938+00'),
	(12, 'order_items', 900017999, true, '2026-11-27 06:39:59.420688+00'),
	(13, 'customers', 900017999, true, '2026-11-27 06:39:59.754434+00'),
	(14, 'payments', 900017999, true, '2026-11-27 06:40:00.340767+00'),
	(15, 'tickets', 900017999, true, '2026-11-27 06:40:00.931184+00');


--
-- Data for Name: draft; Type: TABLE DATA; Schema: migration; Owner: -
--



--
-- Data for Name: erasure; Type: TABLE DATA; Schema: migration; Owner: -
--



--
-- Data for Name: forecast; Type: TABLE DATA; Schema: migration; Owner: -
--



--
-- Data for Name: forecast_outcome; Type: TABLE DATA; Schema: migration; Owner: -
--



--
-- Data for Name: gate; Type: TABLE DATA; Schema: migration; Owner: -
--



--
-- Data for Name: leaving; Type: TABLE DATA; Schema: migration; Owner: -
--



--
-- Data for Name: left_out; Type: TABLE DATA; Schema: migration; Owner: -
--

INSERT INTO migration.left_out VALUES
	('customers', 900012001, 'DE', 'excluded', 'person_erased', '2026-11-27 06:39:50.556526+00'),
	('addresses', 900012001, 'DE', 'excluded', 'person_erased', '2026-11-27 06:39:53.645644+00'),
	('consents', 900012001, 'DE', 'excluded', 'person_erased', '2026-11-27 06:39:54.533579+00'),
	('tickets', 900012001, 'DE', 'excluded', 'person_erased', '2026-11-27 06:39:59.025938+00');


--
-- Data for Name: liability; Type: TABLE DATA; Schema: migration; Owner: -
--



--
-- Data for Name: not_returned; Type: TABLE DATA; Schema: migration; Owner: -
--



--
-- Data for Name: notice; Type: TABLE DATA; Schema: migration; Owner: -
--



--
-- Data for Name: object; Type: TABLE DATA; Schema: migration; Owner: -
--



--
-- Data for Name: object_recon; Type: TABLE DATA; Schema: migration; Owner: -
--



--
-- Data for Name: part; Type: TABLE DATA; Schema: migration; Owner: -
--

INSERT INTO migration.part VALUES
	('customers', 0, NULL, NULL, 0, 0, '2026-11-27 06:39:50.556526+00', NULL),
	('products', 0, NULL, NULL, 0, 0, '2026-11-27 06:39:52.277752+00', NULL),
	('stores', 0, NULL, NULL, 0, 0, '2026-11-27 06:39:53.025024+00', NULL),
	('addresses', 0, NULL, NULL, 0, 0, '2026-11-27 06:39:53.645644+00', NULL),
	('consents', 0, NULL, NULL, 0, 0, '2026-11-27 06:39:54.533579+00', NULL),
	('orders', 0, NULL, NULL, 0, 0, '2026-11-27 06:39:55.172589+00', NULL),
	('product_prices', 0, NULL, NULL, 0, 0, '2026-11-27 06:39:56.70457+00', NULL),
	('order_items', 0, NULL, NULL, 0, 0, '2026-11-27 06:39:57.397145+00', NULL),
	('payments', 0, NULL, NULL, 0, 0, '2026-11-27 06:39:58.396929+00', NULL),
	('tickets', 0, NULL, NULL, 0, 0, '2026-11-27 06:39:59.025938+00', NULL),
	('returns', 0, NULL, NULL, 0, 0, '2026-11-27 06:39:59.420688+00', NULL),
	('warranty_claims', 0, NULL, NULL, 0, 0, '2026-11-27 06:39:59.754434+00', NULL),
	('refunds', 0, NULL, NULL, 0, 0, '2026-11-27 06:40:00.340767+00', NULL),
	('ticket_messages', 0, NULL, NULL, 0, 0, '2026-11-27 06:40:00.931184+00', NULL);


--
-- Data for Name: person_key; Type: TABLE DATA; Schema: migration; Owner: -
--



--
-- Data for Name: personal_export; Type: TABLE DATA; Schema: migration; Owner: -
--



--
-- Data for Name: points_remainder; Type: TABLE DATA; Schema: migration; Owner: -
--



--
-- Data for Name: presence; Type: TABLE DATA; Schema: migration; Owner: -
--



--
-- Data for Name: quarantine; Type: TABLE DATA; Schema: migration; Owner: -
--

INSERT INTO migration.quarantine VALUES
	('customers', 900005002, 'ES', 'status_unknown', 'Add the status code to extract.sql or correct it on the source, then rerun the part.', '', NULL, '2026-11-27 06:39:50.556526+00', '2026-11-27 06:39:50.556526+00', NULL),
	('customers', 900013002, 'FR', 'under_age', 'Obtain the guardian''s consent or close the account on the source, then rerun the part.', '', NULL, '2026-11-27 06:39:50.556526+00', '2026-11-27 06:39:50.556526+00', NULL),
	('customers', 900025001, 'XX', 'region_held', 'migration.toml holds this region until somebody rules on it: decide move or stay there, rerun the prepare stage, then the part.', '', NULL, '2026-11-27 06:39:50.556526+00', '2026-11-27 06:39:50.556526+00', NULL),
	('customers', 900014003, 'ES', 'identity_conflict', 'Link, verified e-mail and verified phone point to different Xiaomi accounts: a data steward decides and corrects mi_account_id on the source, then rerun the part.', '', NULL, '2026-11-27 06:39:50.556526+00', '2026-11-27 06:39:50.556526+00', NULL),
	('customers', 900014002, 'ES', 'account_unknown', 'The linked Xiaomi account does not exist: correct mi_account_id on the source, then rerun the part.', '', NULL, '2026-11-27 06:39:50.556526+00', '2026-11-27 06:39:50.556526+00', NULL),
	('products', 900005002, 'ES', 'status_unknown', 'Add the status code to extract.sql or correct it on the source, then rerun the part.', '', NULL, '2026-11-27 06:39:52.277752+00', '2026-11-27 06:39:52.277752+00', NULL),
	('products', 900020003, 'UK', 'sku_blank', 'Give the article a number on the source, then rerun the part.', '', NULL, '2026-11-27 06:39:52.277752+00', '2026-11-27 06:39:52.277752+00', NULL),
	('products', 900025001, 'XX', 'region_held', 'migration.toml holds this region until somebody rules on it: decide move or stay there, rerun the prepare stage, then the part.', '', NULL, '2026-11-27 06:39:52.277752+00', '2026-11-27 06:39:52.277752+00', NULL),
	('addresses', 900005001, 'ES', 'kind_unknown', 'Add the kind to extract.sql or correct it on the source, then rerun the part.', '', NULL, '2026-11-27 06:39:53.645644+00', '2026-11-27 06:39:53.645644+00', NULL),
	('addresses', 900016003, 'UK', 'address_incomplete', 'Name, first line or city is missing: ask the customer or correct it on the source, then rerun the part.', '', NULL, '2026-11-27 06:39:53.645644+00', '2026-11-27 06:39:53.645644+00', NULL),
	('addresses', 900016004, 'UK', 'address_incomplete', 'Name, first line or city is missing: ask the customer or correct it on the source, then rerun the part.', '', NULL, '2026-11-27 06:39:53.645644+00', '2026-11-27 06:39:53.645644+00', NULL),
	('addresses', 900016005, 'UK', 'json_bad_escape', 'The JSON holds an escape that no text can hold (a NUL or half a surrogate pair): correct it on the source, then rerun the part.', '', NULL, '2026-11-27 06:39:53.645644+00', '2026-11-27 06:39:53.645644+00', NULL),
	('addresses', 900016006, 'UK', 'json_bad_escape', 'The JSON holds an escape that no text can hold (a NUL or half a surrogate pair): correct it on the source, then rerun the part.', '', NULL, '2026-11-27 06:39:53.645644+00', '2026-11-27 06:39:53.645644+00', NULL),
	('addresses', 900016008, 'UK', 'json_not_an_object', 'The address is not a JSON object: correct it on the source, then rerun the part.', '', NULL, '2026-11-27 06:39:53.645644+00', '2026-11-27 06:39:53.645644+00', NULL),
	('addresses', 900016009, 'UK', 'country_unknown', 'Add the country''s spelling to extract.sql or correct it on the source, then rerun the part.', '', NULL, '2026-11-27 06:39:53.645644+00', '2026-11-27 06:39:53.645644+00', NULL),
	('addresses', 900016010, 'UK', 'country_unknown', 'Add the country''s spelling to extract.sql or correct it on the source, then rerun the part.', '', NULL, '2026-11-27 06:39:53.645644+00', '2026-11-27 06:39:53.645644+00', NULL),
	('addresses', 900025001, 'XX', 'region_held', 'migration.toml holds this region until somebody rules on it: decide move or stay there, rerun the prepare stage, then the part.', '', NULL, '2026-11-27 06:39:53.645644+00', '2026-11-27 06:39:53.645644+00', NULL),
	('addresses', 900017001, 'DE', 'parent_missing', 'The row it belongs to (named in the detail) is not at mi.com: it is in quarantine itself, or POCO does not have it, or it is another region''s. Settle that row or correct this one on the source; when the parent arrives this row is copied by itself.', 'customers 900017999', NULL, '2026-11-27 06:39:53.645644+00', '2026-11-27 06:39:53.645644+00', NULL),
	('consents', 900005001, 'ES', 'purpose_unknown', 'Nobody may be mailed on a consent that mi.com does not know: map the purpose in extract.sql, then rerun the part.', '', NULL, '2026-11-27 06:39:54.533579+00', '2026-11-27 06:39:54.533579+00', NULL),
	('consents', 900017001, 'DE', 'parent_missing', 'The row it belongs to (named in the detail) is not at mi.com: it is in quarantine itself, or POCO does not have it, or it is another region''s. Settle that row or correct this one on the source; when the parent arrives this row is copied by itself.', 'customers 900017999', NULL, '2026-11-27 06:39:54.533579+00', '2026-11-27 06:39:54.533579+00', NULL),
	('orders', 900003002, 'FR', 'amount_negative', 'The total is below zero: finance corrects the order on the source, then rerun the part.', '', NULL, '2026-11-27 06:39:55.172589+00', '2026-11-27 06:39:55.172589+00', NULL),
	('orders', 900005002, 'ES', 'status_unknown', 'Add the status code to extract.sql or correct it on the source, then rerun the part.', '', NULL, '2026-11-27 06:39:55.172589+00', '2026-11-27 06:39:55.172589+00', NULL),
	('orders', 900016001, 'UK', 'json_bad_escape', 'The JSON holds an escape that no text can hold (a NUL or half a surrogate pair): correct it on the source, then rerun the part.', '', NULL, '2026-11-27 06:39:55.172589+00', '2026-11-27 06:39:55.172589+00', NULL),
	('orders', 900027001, 'FR', 'currency_unknown', 'Add the currency and its exponent to poco.currencies, then rerun the part.', '', NULL, '2026-11-27 06:39:55.172589+00', '2026-11-27 06:39:55.172589+00', NULL),
	('orders', 900025001, 'XX', 'region_held', 'migration.toml holds this region until somebody rules on it: decide move or stay there, rerun the prepare stage, then the part.', '', NULL, '2026-11-27 06:39:55.172589+00', '2026-11-27 06:39:55.172589+00', NULL),
	('orders', 900013001, 'FR', 'parent_missing', 'The row it belongs to (named in the detail) is not at mi.com: it is in quarantine itself, or POCO does not have it, or it is another region''s. Settle that row or correct this one on the source; when the parent arrives this row is copied by itself.', 'customers 900013002', NULL, '2026-11-27 06:39:55.172589+00', '2026-11-27 06:39:55.172589+00', NULL),
	('orders', 900017001, 'DE', 'parent_missing', 'The row it belongs to (named in the detail) is not at mi.com: it is in quarantine itself, or POCO does not have it, or it is another region''s. Settle that row or correct this one on the source; when the parent arrives this row is copied by itself.', 'customers 900017999', NULL, '2026-11-27 06:39:55.172589+00', '2026-11-27 06:39:55.172589+00', NULL),
	('orders', 900026001, 'DE', 'parent_missing', 'The row it belongs to (named in the detail) is not at mi.com: it is in quarantine itself, or POCO does not have it, or it is another region''s. Settle that row or correct this one on the source; when the parent arrives this row is copied by itself.', 'customers 900026001', NULL, '2026-11-27 06:39:55.172589+00', '2026-11-27 06:39:55.172589+00', NULL),
	('product_prices', 900003001, 'FR', 'price_not_positive', 'mi.com lists no price of zero or below: correct it on the source or drop it, then rerun the part.', '', NULL, '2026-11-27 06:39:56.70457+00', '2026-11-27 06:39:56.70457+00', NULL),
	('product_prices', 900003002, 'FR', 'price_not_positive', 'mi.com lists no price of zero or below: correct it on the source or drop it, then rerun the part.', '', NULL, '2026-11-27 06:39:56.70457+00', '2026-11-27 06:39:56.70457+00', NULL),
	('product_prices', 900027001, 'FR', 'currency_unknown', 'Add the currency and its exponent to poco.currencies, then rerun the part.', '', NULL, '2026-11-27 06:39:56.70457+00', '2026-11-27 06:39:56.70457+00', NULL),
	('product_prices', 900017001, 'DE', 'parent_missing', 'The row it belongs to (named in the detail) is not at mi.com: it is in quarantine itself, or POCO does not have it, or it is another region''s. Settle that row or correct this one on the source; when the parent arrives this row is copied by itself.', 'products 900017999', NULL, '2026-11-27 06:39:56.70457+00', '2026-11-27 06:39:56.70457+00', NULL),
	('order_items', 900003002, 'FR', 'amount_negative', 'The price is below zero: finance corrects the line on the source, then rerun the part.', '', NULL, '2026-11-27 06:39:57.397145+00', '2026-11-27 06:39:57.397145+00', NULL),
	('order_items', 900027001, 'FR', 'quantity_not_positive', 'The quantity is zero or below: correct the line on the source, then rerun the part.', '', NULL, '2026-11-27 06:39:57.397145+00', '2026-11-27 06:39:57.397145+00', NULL),
	('order_items', 900025001, 'XX', 'region_held', 'migration.toml holds this region until somebody rules on it: decide move or stay there, rerun the prepare stage, then the part.', '', NULL, '2026-11-27 06:39:57.397145+00', '2026-11-27 06:39:57.397145+00', NULL),
	('order_items', 900013001, 'FR', 'parent_missing', 'The row it belongs to (named in the detail) is not at mi.com: it is in quarantine itself, or POCO does not have it, or it is another region''s. Settle that row or correct this one on the source; when the parent arrives this row is copied by itself.', 'orders 900013001', NULL, '2026-11-27 06:39:57.397145+00', '2026-11-27 06:39:57.397145+00', NULL),
	('order_items', 900017001, 'DE', 'parent_missing', 'The row it belongs to (named in the detail) is not at mi.com: it is in quarantine itself, or POCO does not have it, or it is another region''s. Settle that row or correct this one on the source; when the parent arrives this row is copied by itself.', 'orders 900017999', NULL, '2026-11-27 06:39:57.397145+00', '2026-11-27 06:39:57.397145+00', NULL),
	('order_items', 900026003, 'DE', 'parent_missing', 'The row it belongs to (named in the detail) is not at mi.com: it is in quarantine itself, or POCO does not have it, or it is another region''s. Settle that row or correct this one on the source; when the parent arrives this row is copied by itself.', 'orders 900026002', NULL, '2026-11-27 06:39:57.397145+00', '2026-11-27 06:39:57.397145+00', NULL),
	('payments', 900005002, 'ES', 'status_unknown', 'Add the status code to extract.sql or correct it on the source, then rerun the part.', '', NULL, '2026-11-27 06:39:58.396929+00', '2026-11-27 06:39:58.396929+00', NULL),
	('payments', 900005003, 'ES', 'method_unknown', 'Add the payment method to extract.sql or correct it on the source, then rerun the part.', '', NULL, '2026-11-27 06:39:58.396929+00', '2026-11-27 06:39:58.396929+00', NULL),
	('payments', 900017001, 'DE', 'parent_missing', 'The row it belongs to (named in the detail) is not at mi.com: it is in quarantine itself, or POCO does not have it, or it is another region''s. Settle that row or correct this one on the source; when the parent arrives this row is copied by itself.', 'orders 900017999', NULL, '2026-11-27 06:39:58.396929+00', '2026-11-27 06:39:58.396929+00', NULL),
	('tickets', 900005001, 'ES', 'status_unknown', 'Add the status code to extract.sql or correct it on the source, then rerun the part.', '', NULL, '2026-11-27 06:39:59.025938+00', '2026-11-27 06:39:59.025938+00', NULL),
	('tickets', 900017001, 'DE', 'parent_missing', 'The row it belongs to (named in the detail) is not at mi.com: it is in quarantine itself, or POCO does not have it, or it is another region''s. Settle that row or correct this one on the source; when the parent arrives this row is copied by itself.', 'customers 900017999', NULL, '2026-11-27 06:39:59.025938+00', '2026-11-27 06:39:59.025938+00', NULL),
	('returns', 900005001, 'ES', 'status_unknown', 'Add the status code to extract.sql or correct it on the source, then rerun the part.', '', NULL, '2026-11-27 06:39:59.420688+00', '2026-11-27 06:39:59.420688+00', NULL),
	('returns', 900017001, 'DE', 'parent_missing', 'The row it belongs to (named in the detail) is not at mi.com: it is in quarantine itself, or POCO does not have it, or it is another region''s. Settle that row or correct this one on the source; when the parent arrives this row is copied by itself.', 'order_items 900017999', NULL, '2026-11-27 06:39:59.420688+00', '2026-11-27 06:39:59.420688+00', NULL),
	('warranty_claims', 900005001, 'ES', 'status_unknown', 'Add the status code to extract.sql or correct it on the source, then rerun the part.', '', NULL, '2026-11-27 06:39:59.754434+00', '2026-11-27 06:39:59.754434+00', NULL),
	('warranty_claims', 900027002, 'FR', 'imei_malformed', 'A device number has 15 digits: correct it on the source, then rerun the part.', '', NULL, '2026-11-27 06:39:59.754434+00', '2026-11-27 06:39:59.754434+00', NULL),
	('warranty_claims', 900017001, 'DE', 'parent_missing', 'The row it belongs to (named in the detail) is not at mi.com: it is in quarantine itself, or POCO does not have it, or it is another region''s. Settle that row or correct this one on the source; when the parent arrives this row is copied by itself.', 'customers 900017999', NULL, '2026-11-27 06:39:59.754434+00', '2026-11-27 06:39:59.754434+00', NULL),
	('refunds', 900005001, 'ES', 'status_unknown', 'Add the status code to extract.sql or correct it on the source, then rerun the part.', '', NULL, '2026-11-27 06:40:00.340767+00', '2026-11-27 06:40:00.340767+00', NULL),
	('refunds', 900017001, 'DE', 'parent_missing', 'The row it belongs to (named in the detail) is not at mi.com: it is in quarantine itself, or POCO does not have it, or it is another region''s. Settle that row or correct this one on the source; when the parent arrives this row is copied by itself.', 'payments 900017999', NULL, '2026-11-27 06:40:00.340767+00', '2026-11-27 06:40:00.340767+00', NULL),
	('ticket_messages', 900005001, 'ES', 'author_unknown', 'Add the author kind to extract.sql or correct it on the source, then rerun the part.', '', NULL, '2026-11-27 06:40:00.931184+00', '2026-11-27 06:40:00.931184+00', NULL),
	('ticket_messages', 900017001, 'DE', 'parent_missing', 'The row it belongs to (named in the detail) is not at mi.com: it is in quarantine itself, or POCO does not have it, or it is another region''s. Settle that row or correct this one on the source; when the parent arrives this row is copied by itself.', 'tickets 900017999', NULL, '2026-11-27 06:40:00.931184+00', '2026-11-27 06:40:00.931184+00', NULL);


--
-- Data for Name: quiet; Type: TABLE DATA; Schema: migration; Owner: -
--



--
-- Data for Name: readiness; Type: TABLE DATA; Schema: migration; Owner: -
--



--
-- Data for Name: reason_owner; Type: TABLE DATA; Schema: migration; Owner: -
--



--
-- Data for Name: receipt; Type: TABLE DATA; Schema: migration; Owner: -
--

INSERT INTO migration.receipt OVERRIDING SYSTEM VALUE VALUES
	(1, 'customers', 'range', NULL, NULL, NULL, 472, 468, 468, 0, 6, 81174, '868:868:', 'test/run/ try 1', '2026-11-27 06:39:50.556526+00', '2026-11-27 06:39:52.020249+00'),
	(2, 'products', 'range', NULL, NULL, NULL, 391, 389, 389, 0, 3, 58177, '868:868:', 'test/run/ try 1', '2026-11-27 06:39:52.277752+00', '2026-11-27 06:39:52.888178+00'),
	(3, 'stores', 'range', NULL, NULL, NULL, 7, 7, 7, 0, 0, 670, '868:868:', 'test/run/ try 1', '2026-11-27 06:39:53.025024+00', '2026-11-27 06:39:53.517844+00'),
	(4, 'addresses', 'range', NULL, NULL, NULL, 610, 601, 601, 0, 11, 98925, '868:868:', 'test/run/ try 1', '2026-11-27 06:39:53.645644+00', '2026-11-27 06:39:54.383204+00'),
	(5, 'consents', 'range', NULL, NULL, NULL, 842, 840, 840, 0, 3, 72369, '872:872:', 'test/run/ try 1', '2026-11-27 06:39:54.533579+00', '2026-11-27 06:39:55.068412+00'),
	(6, 'orders', 'range', NULL, NULL, NULL, 977, 970, 970, 0, 8, 1488650, '872:872:', 'test/run/ try 1', '2026-11-27 06:39:55.172589+00', '2026-11-27 06:39:56.595916+00'),
	(7, 'product_prices', 'range', NULL, NULL, NULL, 574, 570, 570, 0, 4, 57047, '872:872:', 'test/run/ try 1', '2026-11-27 06:39:56.70457+00', '2026-11-27 06:39:57.292188+00'),
	(8, 'order_items', 'range', NULL, NULL, NULL, 1615, 1610, 1610, 0, 6, 237866, '872:872:', 'test/run/ try 1', '2026-11-27 06:39:57.397145+00', '2026-11-27 06:39:58.277968+00'),
	(9, 'payments', 'range', NULL, NULL, NULL, 935, 932, 932, 0, 3, 128489, '872:872:', 'test/run/ try 1', '2026-11-27 06:39:58.396929+00', '2026-11-27 06:39:58.936036+00'),
	(10, 'tickets', 'range', NULL, NULL, NULL, 118, 116, 116, 0, 3, 13988, '872:872:', 'test/run/ try 1', '2026-11-27 06:39:59.025938+00', '2026-11-27 06:39:59.349822+00'),
	(11, 'returns', 'range', NULL, NULL, NULL, 37, 35, 35, 0, 2, 4082, '872:872:', 'test/run/ try 1', '2026-11-27 06:39:59.420688+00', '2026-11-27 06:39:59.672925+00'),
	(12, 'warranty_claims', 'range', NULL, NULL, NULL, 33, 30, 30, 0, 3, 4706, '872:872:', 'test/run/ try 1', '2026-11-27 06:39:59.754434+00', '2026-11-27 06:40:00.227614+00'),
	(13, 'refunds', 'range', NULL, NULL, NULL, 55, 53, 53, 0, 2, 6400, '872:872:', 'test/run/ try 1', '2026-11-27 06:40:00.340767+00', '2026-11-27 06:40:00.819235+00'),
	(14, 'ticket_messages', 'range', NULL, NULL, NULL, 361, 359, 359, 0, 2, 40969, '872:872:', 'test/run/ try 1', '2026-11-27 06:40:00.931184+00', '2026-11-27 06:40:01.584002+00');


--
-- Data for Name: recon; Type: TABLE DATA; Schema: migration; Owner: -
--



--
-- Data for Name: redirect_check; Type: TABLE DATA; Schema: migration; Owner: -
--



--
-- Data for Name: redirect_failure; Type: TABLE DATA; Schema: migration; Owner: -
--



--
-- Data for Name: redirect_shadow; Type: TABLE DATA; Schema: migration; Owner: -
--



--
-- Data for Name: redirect_version; Type: TABLE DATA; Schema: migration; Owner: -
--



--
-- Data for Name: remains; Type: TABLE DATA; Schema: migration; Owner: -
--



--
-- Data for Name: return_key; Type: TABLE DATA; Schema: migration; Owner: -
--



--
-- Data for Name: returned; Type: TABLE DATA; Schema: migration; Owner: -
--



--
-- Data for Name: rollback_rehearsal; Type: TABLE DATA; Schema: migration; Owner: -
--



--
-- Data for Name: scope; Type: TABLE DATA; Schema: migration; Owner: -
--

INSERT INTO migration.scope VALUES
	('GLOBAL', 'move', 'global', false, 16, 1, 1),
	('UK', 'move', 'uk', true, 13, 1, 1),
	('FR', 'move', 'fr', true, 15, 1, 1),
	('DE', 'move', 'de', true, 16, 1, 1),
	('IT', 'move', 'it', true, 14, 1, 1),
	('ES', 'move', 'es', true, 14, 1, 1),
	('ID', 'move', 'id', false, 17, 1, 1),
	('IN', 'stay', NULL, false, 0, 1, 1),
	('XX', 'hold', NULL, false, 0, 1, 1);


--
-- Data for Name: shape; Type: TABLE DATA; Schema: migration; Owner: -
--

INSERT INTO migration.shape VALUES
	('source', 'poco.addresses', 'a96534d3dd7978114afb45b07b1027f3', '{"table": ["table", "8fa14cdd754f91cc6554c9e71929cce7"], "column id": ["bigint not null", "06cb4717b0ccefca776dd7000a51c7da"], "column kind": ["text not null", "1ee85a39d1b9d75063fcdc3286539192"], "column region": ["text not null", "1ee85a39d1b9d75063fcdc3286539192"], "column payload": ["json not null", "06cb4717b0ccefca776dd7000a51c7da"], "column created_at": ["timestamp without time zone not null", "06cb4717b0ccefca776dd7000a51c7da"], "column is_default": ["boolean not null", "06cb4717b0ccefca776dd7000a51c7da"], "column customer_id": ["bigint not null", "06cb4717b0ccefca776dd7000a51c7da"], "constraint addresses_pkey": ["primary key", "4c6419b3704337bbfe50f018842a9ad3"]}', '{customers,addresses}', '2026-11-27 06:39:48.278634+00'),
	('source', 'poco.consents', '6337be7c5214132401941e3eaf0a830a', '{"table": ["table", "8fa14cdd754f91cc6554c9e71929cce7"], "column id": ["bigint not null", "06cb4717b0ccefca776dd7000a51c7da"], "column region": ["text not null", "1ee85a39d1b9d75063fcdc3286539192"], "column granted": ["boolean not null", "06cb4717b0ccefca776dd7000a51c7da"], "column purpose": ["text not null", "1ee85a39d1b9d75063fcdc3286539192"], "column customer_id": ["bigint not null", "06cb4717b0ccefca776dd7000a51c7da"], "column recorded_at": ["timestamp without time zone not null", "06cb4717b0ccefca776dd7000a51c7da"], "constraint consents_pkey": ["primary key", "4c6419b3704337bbfe50f018842a9ad3"]}', '{customers,consents}', '2026-11-27 06:39:48.278634+00'),
	('source', 'poco.coupons', 'e540b63398bfc58e574bf32279ee614d', '{"table": ["table", "8fa14cdd754f91cc6554c9e71929cce7"], "column id": ["bigint not null", "06cb4717b0ccefca776dd7000a51c7da"], "column code": ["text not null", "1ee85a39d1b9d75063fcdc3286539192"], "column kind": ["smallint not null", "06cb4717b0ccefca776dd7000a51c7da"], "column region": ["text not null", "1ee85a39d1b9d75063fcdc3286539192"], "column status": ["smallint not null", "06cb4717b0ccefca776dd7000a51c7da"], "column percent": ["numeric(5,2)", "06cb4717b0ccefca776dd7000a51c7da"], "column category": ["text", "1ee85a39d1b9d75063fcdc3286539192"], "column currency": ["character(3) not null", "1ee85a39d1b9d75063fcdc3286539192"], "column stackable": ["boolean not null default", "2daee5700249db2c9ce202e17693b1d0"], "column uses_left": ["integer not null default", "022a22a27fbff27e3f737e3498fdec0e"], "column uses_total": ["integer not null default", "022a22a27fbff27e3f737e3498fdec0e"], "column valid_from": ["timestamp without time zone not null", "06cb4717b0ccefca776dd7000a51c7da"], "column customer_id": ["bigint", "06cb4717b0ccefca776dd7000a51c7da"], "column valid_until": ["timestamp without time zone not null", "06cb4717b0ccefca776dd7000a51c7da"], "column value_minor": ["bigint", "06cb4717b0ccefca776dd7000a51c7da"], "index coupons_code": ["unique", "1fb6bf4d0d6aaabdd20f584188b4fa15"], "column per_customer": ["integer not null default", "022a22a27fbff27e3f737e3498fdec0e"], "column minimum_minor": ["bigint not null default", "f98ea723981643ccd5331ba82f636bb2"], "constraint coupons_pkey": ["primary key", "4c6419b3704337bbfe50f018842a9ad3"], "column reserved_order_id": ["bigint", "06cb4717b0ccefca776dd7000a51c7da"]}', '{customers,coupons}', '2026-11-27 06:39:48.278634+00'),
	('source', 'poco.customers', 'd73861f0809d4ecb52e9ec24b422b4bc', '{"table": ["table", "8fa14cdd754f91cc6554c9e71929cce7"], "column id": ["bigint not null", "06cb4717b0ccefca776dd7000a51c7da"], "column note": ["text", "1ee85a39d1b9d75063fcdc3286539192"], "column email": ["text", "1ee85a39d1b9d75063fcdc3286539192"], "column phone": ["text", "1ee85a39d1b9d75063fcdc3286539192"], "column locale": ["text", "1ee85a39d1b9d75063fcdc3286539192"], "column region": ["text not null", "1ee85a39d1b9d75063fcdc3286539192"], "column status": ["smallint not null", "06cb4717b0ccefca776dd7000a51c7da"], "column closed_at": ["timestamp without time zone", "06cb4717b0ccefca776dd7000a51c7da"], "column erased_at": ["timestamp without time zone", "06cb4717b0ccefca776dd7000a51c7da"], "column full_name": ["text", "1ee85a39d1b9d75063fcdc3286539192"], "column birth_date": ["date", "06cb4717b0ccefca776dd7000a51c7da"], "column created_at": ["timestamp without time zone not null", "06cb4717b0ccefca776dd7000a51c7da"], "column mi_account_id": ["bigint", "06cb4717b0ccefca776dd7000a51c7da"], "column password_hash": ["text", "1ee85a39d1b9d75063fcdc3286539192"], "column email_verified_at": ["timestamp without time zone", "06cb4717b0ccefca776dd7000a51c7da"], "column phone_verified_at": ["timestamp without time zone", "06cb4717b0ccefca776dd7000a51c7da"], "constraint customers_pkey": ["primary key", "4c6419b3704337bbfe50f018842a9ad3"]}', '{customers,addresses,consents,coupons,orders,reviews,points_ledger,tickets,warranty_claims,ticket_messages}', '2026-11-27 06:39:48.278634+00'),
	('source', 'poco.orders', '32be1a512ecd925c48469e4826c019c5', '{"table": ["table", "8fa14cdd754f91cc6554c9e71929cce7"], "column id": ["bigint not null", "06cb4717b0ccefca776dd7000a51c7da"], "column note": ["text", "1ee85a39d1b9d75063fcdc3286539192"], "column region": ["text not null", "1ee85a39d1b9d75063fcdc3286539192"], "column status": ["smallint not null", "06cb4717b0ccefca776dd7000a51c7da"], "column currency": ["character(3) not null", "1ee85a39d1b9d75063fcdc3286539192"], "column coupon_id": ["bigint", "06cb4717b0ccefca776dd7000a51c7da"], "column placed_at": ["timestamp without time zone not null", "06cb4717b0ccefca776dd7000a51c7da"], "column tax_minor": ["bigint not null", "06cb4717b0ccefca776dd7000a51c7da"], "column updated_at": ["timestamp without time zone not null", "06cb4717b0ccefca776dd7000a51c7da"], "column customer_id": ["bigint", "06cb4717b0ccefca776dd7000a51c7da"], "column guest_email": ["text", "1ee85a39d1b9d75063fcdc3286539192"], "column guest_phone": ["text", "1ee85a39d1b9d75063fcdc3286539192"], "column total_minor": ["bigint not null", "06cb4717b0ccefca776dd7000a51c7da"], "column order_number": ["text not null", "1ee85a39d1b9d75063fcdc3286539192"], "index orders_number": ["unique", "5ba54249bea9a6e5b6c41994248c3a14"], "column discount_minor": ["bigint not null", "06cb4717b0ccefca776dd7000a51c7da"], "column shipping_minor": ["bigint not null", "06cb4717b0ccefca776dd7000a51c7da"], "column subtotal_minor": ["bigint not null", "06cb4717b0ccefca776dd7000a51c7da"], "constraint orders_pkey": ["primary key", "4c6419b3704337bbfe50f018842a9ad3"], "column shipping_address": ["json", "06cb4717b0ccefca776dd7000a51c7da"]}', '{customers,orders,coupon_redemptions,order_items}', '2026-11-27 06:39:48.278634+00'),
	('source', 'poco.points_ledger', 'abbe6e3e0c4760ea363e0266be9628fa', '{"table": ["table", "8fa14cdd754f91cc6554c9e71929cce7"], "column id": ["bigint not null", "06cb4717b0ccefca776dd7000a51c7da"], "column kind": ["text not null", "1ee85a39d1b9d75063fcdc3286539192"], "column state": ["text not null", "1ee85a39d1b9d75063fcdc3286539192"], "column points": ["bigint not null", "06cb4717b0ccefca776dd7000a51c7da"], "column region": ["text not null", "1ee85a39d1b9d75063fcdc3286539192"], "column order_id": ["bigint", "06cb4717b0ccefca776dd7000a51c7da"], "column created_at": ["timestamp without time zone not null", "06cb4717b0ccefca776dd7000a51c7da"], "column expires_at": ["timestamp without time zone", "06cb4717b0ccefca776dd7000a51c7da"], "column customer_id": ["bigint not null", "06cb4717b0ccefca776dd7000a51c7da"], "constraint points_ledger_pkey": ["primary key", "4c6419b3704337bbfe50f018842a9ad3"]}', '{customers,orders,points_ledger}', '2026-11-27 06:39:48.278634+00'),
	('source', 'poco.reviews', '0bc883385096d519bd5130ee199e1a74', '{"table": ["table", "8fa14cdd754f91cc6554c9e71929cce7"], "column id": ["bigint not null", "06cb4717b0ccefca776dd7000a51c7da"], "column body": ["text not null", "1ee85a39d1b9d75063fcdc3286539192"], "column reply": ["text", "1ee85a39d1b9d75063fcdc3286539192"], "column title": ["text", "1ee85a39d1b9d75063fcdc3286539192"], "column rating": ["smallint not null", "06cb4717b0ccefca776dd7000a51c7da"], "column region": ["text not null", "1ee85a39d1b9d75063fcdc3286539192"], "column status": ["smallint not null", "06cb4717b0ccefca776dd7000a51c7da"], "column created_at": ["timestamp without time zone not null", "06cb4717b0ccefca776dd7000a51c7da"], "column photo_keys": ["text[] not null default", "39f523b739860284112b4993ce67a01d"], "column product_id": ["bigint not null", "06cb4717b0ccefca776dd7000a51c7da"], "column replied_at": ["timestamp without time zone", "06cb4717b0ccefca776dd7000a51c7da"], "column customer_id": ["bigint not null", "06cb4717b0ccefca776dd7000a51c7da"], "column photo_sha256": ["text[] not null default", "39f523b739860284112b4993ce67a01d"], "constraint reviews_pkey": ["primary key", "4c6419b3704337bbfe50f018842a9ad3"]}', '{customers,products,reviews}', '2026-11-27 06:39:48.278634+00'),
	('source', 'poco.tickets', 'ba3c10508a3ad7a6d6aa28cd63316d3d', '{"table": ["table", "8fa14cdd754f91cc6554c9e71929cce7"], "column id": ["bigint not null", "06cb4717b0ccefca776dd7000a51c7da"], "column region": ["text not null", "1ee85a39d1b9d75063fcdc3286539192"], "column status": ["smallint not null", "06cb4717b0ccefca776dd7000a51c7da"], "column subject": ["text not null", "1ee85a39d1b9d75063fcdc3286539192"], "column order_id": ["bigint", "06cb4717b0ccefca776dd7000a51c7da"], "column closed_at": ["timestamp without time zone", "06cb4717b0ccefca776dd7000a51c7da"], "column opened_at": ["timestamp without time zone not null", "06cb4717b0ccefca776dd7000a51c7da"], "column customer_id": ["bigint not null", "06cb4717b0ccefca776dd7000a51c7da"], "constraint tickets_pkey": ["primary key", "4c6419b3704337bbfe50f018842a9ad3"]}', '{customers,orders,tickets,ticket_messages}', '2026-11-27 06:39:48.278634+00'),
	('source', 'poco.warranty_claims', '3e1577aa195549bbaff05f0079e9357c', '{"table": ["table", "8fa14cdd754f91cc6554c9e71929cce7"], "column id": ["bigint not null", "06cb4717b0ccefca776dd7000a51c7da"], "column imei": ["text", "1ee85a39d1b9d75063fcdc3286539192"], "column region": ["text not null", "1ee85a39d1b9d75063fcdc3286539192"], "column status": ["smallint not null", "06cb4717b0ccefca776dd7000a51c7da"], "column opened_at": ["timestamp without time zone not null", "06cb4717b0ccefca776dd7000a51c7da"], "column customer_id": ["bigint not null", "06cb4717b0ccefca776dd7000a51c7da"], "column description": ["text not null", "1ee85a39d1b9d75063fcdc3286539192"], "column resolved_at": ["timestamp without time zone", "06cb4717b0ccefca776dd7000a51c7da"], "column order_item_id": ["bigint", "06cb4717b0ccefca776dd7000a51c7da"], "constraint warranty_claims_pkey": ["primary key", "4c6419b3704337bbfe50f018842a9ad3"]}', '{customers,order_items,warranty_claims}', '2026-11-27 06:39:48.278634+00'),
	('source', 'poco_export.customers', 'f43b4e1786c3c4fd55164b6bfa3e4da4', '{"table": ["view", "a79f8a33bc0c0dcd8e59c98a6f68894c"], "column id": ["bigint", "06cb4717b0ccefca776dd7000a51c7da"], "column note": ["text", "1ee85a39d1b9d75063fcdc3286539192"], "column email": ["text", "1ee85a39d1b9d75063fcdc3286539192"], "column phone": ["text", "1ee85a39d1b9d75063fcdc3286539192"], "rule _RETURN": ["rule", "046d5274c1543ff99124e52d78135c15"], "column locale": ["text", "1ee85a39d1b9d75063fcdc3286539192"], "column market": ["text", "1ee85a39d1b9d75063fcdc3286539192"], "column region": ["text", "1ee85a39d1b9d75063fcdc3286539192"], "column status": ["smallint", "06cb4717b0ccefca776dd7000a51c7da"], "column closed_at": ["timestamp without time zone", "06cb4717b0ccefca776dd7000a51c7da"], "column full_name": ["text", "1ee85a39d1b9d75063fcdc3286539192"], "column time_zone": ["text", "1ee85a39d1b9d75063fcdc3286539192"], "column birth_date": ["date", "06cb4717b0ccefca776dd7000a51c7da"], "column created_at": ["timestamp without time zone", "06cb4717b0ccefca776dd7000a51c7da"], "column minimum_age": ["integer", "06cb4717b0ccefca776dd7000a51c7da"], "column mi_account_id": ["bigint", "06cb4717b0ccefca776dd7000a51c7da"], "column email_verified_at": ["timestamp without time zone", "06cb4717b0ccefca776dd7000a51c7da"], "column phone_verified_at": ["timestamp without time zone", "06cb4717b0ccefca776dd7000a51c7da"]}', '{customers}', '2026-11-27 06:39:48.278634+00'),
	('source', 'poco_export.rules', '464688a4c8d0b97575a32c538664154b', '{"table": ["table", "8fa14cdd754f91cc6554c9e71929cce7"], "column only_row": ["boolean not null default", "aa16468c44c39abc773be969887222d3"], "column cutover_at": ["timestamp with time zone not null", "06cb4717b0ccefca776dd7000a51c7da"], "constraint rules_pkey": ["primary key", "ca7720439a2998926379fc77922d3b88"], "column coupon_gap_ends": ["timestamp with time zone not null", "06cb4717b0ccefca776dd7000a51c7da"], "constraint rules_only_row_check": ["check", "9c36ac46f5384a7d512aaa5d1488907f"]}', '{customers,coupons}', '2026-11-27 06:39:48.278634+00'),
	('source', 'poco_export.products', 'ea625bcbeb11c201ade7573aa98f04fd', '{"table": ["view", "a79f8a33bc0c0dcd8e59c98a6f68894c"], "column id": ["bigint", "06cb4717b0ccefca776dd7000a51c7da"], "column sku": ["text", "1ee85a39d1b9d75063fcdc3286539192"], "column name": ["text", "1ee85a39d1b9d75063fcdc3286539192"], "column slug": ["text", "1ee85a39d1b9d75063fcdc3286539192"], "column model": ["text", "1ee85a39d1b9d75063fcdc3286539192"], "rule _RETURN": ["rule", "1e0564a591720f3b673cd61a169623aa"], "column market": ["text", "1ee85a39d1b9d75063fcdc3286539192"], "column region": ["text", "1ee85a39d1b9d75063fcdc3286539192"], "column status": ["smallint", "06cb4717b0ccefca776dd7000a51c7da"], "column category": ["text", "1ee85a39d1b9d75063fcdc3286539192"], "column time_zone": ["text", "1ee85a39d1b9d75063fcdc3286539192"], "column created_at": ["timestamp without time zone", "06cb4717b0ccefca776dd7000a51c7da"], "column discontinued_at": ["timestamp without time zone", "06cb4717b0ccefca776dd7000a51c7da"]}', '{products}', '2026-11-27 06:39:48.278634+00'),
	('source', 'poco_export.scope', '4364e627a83b7f9d3ed6e8d8d1438602', '{"table": ["table", "8fa14cdd754f91cc6554c9e71929cce7"], "column market": ["text", "1ee85a39d1b9d75063fcdc3286539192"], "column region": ["text not null", "1ee85a39d1b9d75063fcdc3286539192"], "column loyalty": ["boolean not null", "06cb4717b0ccefca776dd7000a51c7da"], "column decision": ["text not null", "1ee85a39d1b9d75063fcdc3286539192"], "column time_zone": ["text", "1ee85a39d1b9d75063fcdc3286539192"], "column points_new": ["bigint not null default", "022a22a27fbff27e3f737e3498fdec0e"], "column points_old": ["bigint not null default", "022a22a27fbff27e3f737e3498fdec0e"], "column minimum_age": ["integer not null", "06cb4717b0ccefca776dd7000a51c7da"], "constraint scope_pkey": ["primary key", "3e5c1e57dec6819a20f9946cc92ddb1d"], "constraint scope_check": ["check", "28d583cc8bb634755293b3390829b885"], "constraint scope_market_key": ["unique", "cfd3e52abd7133ac46150118452a115a"], "constraint scope_decision_check": ["check", "cec8086092ac108961799514e13af82d"], "constraint scope_points_new_check": ["check", "c5f25270f17b5a96312aaa290eec9543"], "constraint scope_points_old_check": ["check", "d9b5bd98890fa33f45cf7c07f154280c"]}', '{customers,products,stores,addresses,consents,coupons,orders,product_prices,reviews,coupon_redemptions,order_items,payments,points_ledger,shipments,tickets,returns,warranty_claims,refunds,shipment_events,ticket_messages}', '2026-11-27 06:39:48.278634+00'),
	('source', 'poco_export.tombstones', '2337f548d0dbcfce04a9e277f5f0c856', '{"table": ["table", "8fa14cdd754f91cc6554c9e71929cce7"], "column since": ["timestamp with time zone not null default", "aa29406e69bd1a6a02060c928c47df45"], "column customer_id": ["bigint not null", "06cb4717b0ccefca776dd7000a51c7da"], "constraint tombstones_pkey": ["primary key", "17810436179f042b3bee6a0ba05ec751"]}', '{customers,addresses,consents,coupons,orders,reviews,points_ledger,tickets,warranty_claims,ticket_messages}', '2026-11-27 06:39:48.278634+00'),
	('target', 'mi.account_identities', '971b2f911f0cdd88987882ef09637f0e', '{"table": ["table", "8fa14cdd754f91cc6554c9e71929cce7"], "column kind": ["text not null", "1ee85a39d1b9d75063fcdc3286539192"], "column value": ["text not null", "1ee85a39d1b9d75063fcdc3286539192"], "column account_id": ["bigint not null", "06cb4717b0ccefca776dd7000a51c7da"], "column verified_at": ["timestamp with time zone not null", "06cb4717b0ccefca776dd7000a51c7da"], "constraint account_identities_pkey": ["primary key", "0bffc41e3c5dd27d4f430b969095192e"], "constraint account_identities_kind_check": ["check", "235b2240323c14eab92eb4eb0ffa6cda"], "constraint account_identities_account_id_fkey": ["foreign key", "bce92144ad85eb6177609fdb8524a726"]}', '{customers}', '2026-11-27 06:39:48.278634+00'),
	('target', 'mi.accounts', '9f5348c0deb37a5b94d1066de56bd1dd', '{"table": ["table", "8fa14cdd754f91cc6554c9e71929cce7"], "column origin": ["text not null default", "3e9868fe35033411d32d88ca61cf1560"], "column status": ["text not null", "1ee85a39d1b9d75063fcdc3286539192"], "column account_id": ["bigint not null identity", "fd450491d7f6a30d6a24440a4a3d08bf"], "column created_at": ["timestamp with time zone not null", "06cb4717b0ccefca776dd7000a51c7da"], "column origin_person": ["bytea", "06cb4717b0ccefca776dd7000a51c7da"], "constraint accounts_pkey": ["primary key", "76871f5d0c4d61097bef4101eb1c1434"], "constraint accounts_check": ["check", "ecffe2ede1a876591efcc07166a091b1"], "constraint accounts_origin_check": ["check", "1c6fb34ff85dbab44f5cdf5dccbdcb96"], "constraint accounts_status_check": ["check", "f40a333c18ec54a3f4abaa36ec300ca2"], "constraint accounts_origin_person_key": ["unique", "4429a957dfb84ff32f8e013a9e154401"]}', '{customers}', '2026-11-27 06:39:48.278634+00'),
	('target', 'mi.addresses', 'd984ab437f91b773273329f95ca03ed2', '{"table": ["table", "8fa14cdd754f91cc6554c9e71929cce7"], "column city": ["text not null", "1ee85a39d1b9d75063fcdc3286539192"], "column kind": ["text not null", "1ee85a39d1b9d75063fcdc3286539192"], "column line1": ["text not null", "1ee85a39d1b9d75063fcdc3286539192"], "column line2": ["text", "1ee85a39d1b9d75063fcdc3286539192"], "column phone": ["text", "1ee85a39d1b9d75063fcdc3286539192"], "column origin": ["text not null default", "3e9868fe35033411d32d88ca61cf1560"], "column country": ["text not null", "1ee85a39d1b9d75063fcdc3286539192"], "column postcode": ["text", "1ee85a39d1b9d75063fcdc3286539192"], "column recipient": ["text not null", "1ee85a39d1b9d75063fcdc3286539192"], "column address_id": ["bigint not null identity", "fd450491d7f6a30d6a24440a4a3d08bf"], "column created_at": ["timestamp with time zone not null", "06cb4717b0ccefca776dd7000a51c7da"], "column is_default": ["boolean not null", "06cb4717b0ccefca776dd7000a51c7da"], "column profile_id": ["bigint not null", "06cb4717b0ccefca776dd7000a51c7da"], "constraint addresses_pkey": ["primary key", "77ca29ec47d88ba9aed2dcc528c5e017"], "trigger aa_migration_guard_new": ["trigger", "f96dcf87f88b29e2678d7ffa3c057da4"], "trigger aa_migration_guard_old": ["trigger", "711a335251dd79a6b62bbb0aea86e6bb"], "constraint addresses_kind_check": ["check", "ea05a167bdaa24017e12a860d0627872"], "constraint addresses_origin_check": ["check", "1c6fb34ff85dbab44f5cdf5dccbdcb96"], "constraint addresses_country_check": ["check", "f00149ebc8dac9043e5e1af0be17dc22"], "constraint addresses_profile_id_fkey": ["foreign key", "5e9cd4c885a5f5b115cc92d796d67ae2"]}', '{customers,addresses}', '2026-11-27 06:39:48.278634+00'),
	('target', 'mi.consents', '8cb7d27b640cba3bb0ebe3b4f0f16f36', '{"table": ["table", "8fa14cdd754f91cc6554c9e71929cce7"], "column origin": ["text not null default", "3e9868fe35033411d32d88ca61cf1560"], "column granted": ["boolean not null", "06cb4717b0ccefca776dd7000a51c7da"], "column purpose": ["text not null", "1ee85a39d1b9d75063fcdc3286539192"], "column consent_id": ["bigint not null identity", "fd450491d7f6a30d6a24440a4a3d08bf"], "column profile_id": ["bigint not null", "06cb4717b0ccefca776dd7000a51c7da"], "column recorded_at": ["timestamp with time zone not null", "06cb4717b0ccefca776dd7000a51c7da"], "constraint consents_pkey": ["primary key", "d279aa9172198bfde3a7d783b4663067"], "trigger aa_migration_guard_new": ["trigger", "d9b976b62f81032181a6d58c50c90a68"], "trigger aa_migration_guard_old": ["trigger", "0e03e07c3308570cdb65b4d6e81ecf19"], "constraint consents_origin_check": ["check", "1c6fb34ff85dbab44f5cdf5dccbdcb96"], "constraint consents_purpose_check": ["check", "cd74526ead0a315c33840f92aa0e5201"], "constraint consents_profile_id_fkey": ["foreign key", "5e9cd4c885a5f5b115cc92d796d67ae2"]}', '{customers,consents}', '2026-11-27 06:39:48.278634+00'),
	('target', 'mi.loyalty_entries', 'ca9b559f7bd8bd1527cb11a116fcdef4', '{"table": ["table", "8fa14cdd754f91cc6554c9e71929cce7"], "column kind": ["text not null", "1ee85a39d1b9d75063fcdc3286539192"], "column state": ["text not null", "1ee85a39d1b9d75063fcdc3286539192"], "column origin": ["text not null default", "3e9868fe35033411d32d88ca61cf1560"], "column points": ["bigint not null", "06cb4717b0ccefca776dd7000a51c7da"], "column entry_id": ["bigint not null identity", "fd450491d7f6a30d6a24440a4a3d08bf"], "column order_id": ["bigint", "06cb4717b0ccefca776dd7000a51c7da"], "column created_at": ["timestamp with time zone not null", "06cb4717b0ccefca776dd7000a51c7da"], "column expires_at": ["timestamp with time zone", "06cb4717b0ccefca776dd7000a51c7da"], "column profile_id": ["bigint not null", "06cb4717b0ccefca776dd7000a51c7da"], "trigger aa_migration_guard_new": ["trigger", "14306b146dd675ec823d787853ecad01"], "trigger aa_migration_guard_old": ["trigger", "dd1035633f85ac249006bdffc719a62c"], "constraint loyalty_entries_pkey": ["primary key", "b2f9e51a3198db8a8fffc8729be5493d"], "constraint loyalty_entries_kind_check": ["check", "e89dbda4370244487e7b123f05fc375a"], "constraint loyalty_entries_state_check": ["check", "a3c1e2c785c66f673e2ba57047dc40b8"], "constraint loyalty_entries_origin_check": ["check", "1c6fb34ff85dbab44f5cdf5dccbdcb96"], "constraint loyalty_entries_order_id_fkey": ["foreign key", "14e45145ae166e80f8c098743f9a3963"], "constraint loyalty_entries_profile_id_fkey": ["foreign key", "5e9cd4c885a5f5b115cc92d796d67ae2"]}', '{customers,orders,points_ledger}', '2026-11-27 06:39:48.278634+00'),
	('target', 'mi.orders', 'ccedaf440f5331800f3cba3db19231d5', '{"table": ["table", "8fa14cdd754f91cc6554c9e71929cce7"], "column tax": ["numeric(18,3) not null", "06cb4717b0ccefca776dd7000a51c7da"], "column note": ["text", "1ee85a39d1b9d75063fcdc3286539192"], "column buyer": ["text not null", "1ee85a39d1b9d75063fcdc3286539192"], "column total": ["numeric(18,3) not null", "06cb4717b0ccefca776dd7000a51c7da"], "column market": ["text not null", "1ee85a39d1b9d75063fcdc3286539192"], "column origin": ["text not null default", "3e9868fe35033411d32d88ca61cf1560"], "column status": ["text not null", "1ee85a39d1b9d75063fcdc3286539192"], "column adds_up": ["boolean not null", "06cb4717b0ccefca776dd7000a51c7da"], "column ship_to": ["jsonb", "06cb4717b0ccefca776dd7000a51c7da"], "column currency": ["text not null", "1ee85a39d1b9d75063fcdc3286539192"], "column discount": ["numeric(18,3) not null", "06cb4717b0ccefca776dd7000a51c7da"], "column order_id": ["bigint not null identity", "fd450491d7f6a30d6a24440a4a3d08bf"], "column shipping": ["numeric(18,3) not null", "06cb4717b0ccefca776dd7000a51c7da"], "column subtotal": ["numeric(18,3) not null", "06cb4717b0ccefca776dd7000a51c7da"], "column placed_at": ["timestamp with time zone not null", "06cb4717b0ccefca776dd7000a51c7da"], "column profile_id": ["bigint", "06cb4717b0ccefca776dd7000a51c7da"], "column updated_at": ["timestamp with time zone not null", "06cb4717b0ccefca776dd7000a51c7da"], "column guest_email": ["text", "1ee85a39d1b9d75063fcdc3286539192"], "column guest_phone": ["text", "1ee85a39d1b9d75063fcdc3286539192"], "column order_number": ["text not null", "1ee85a39d1b9d75063fcdc3286539192"], "column time_quality": ["text not null", "1ee85a39d1b9d75063fcdc3286539192"], "column original_number": ["text", "1ee85a39d1b9d75063fcdc3286539192"], "column placed_at_local": ["timestamp without time zone not null", "06cb4717b0ccefca776dd7000a51c7da"], "constraint orders_pkey": ["primary key", "5c77932d9dfbffa547edc0134599bff5"], "constraint orders_check": ["check", "fef85a2a8e4dacfdf6ec7ef42b045915"], "constraint orders_buyer_check": ["check", "2ad1fcd3ef3636e00224e9ae33a2e09f"], "constraint orders_market_fkey": ["foreign key", "872a80077d1e70c6489c17818b3f19b4"], "constraint orders_total_check": ["check", "e80fcde449244af00139c8d378f16369"], "constraint orders_origin_check": ["check", "1c6fb34ff85dbab44f5cdf5dccbdcb96"], "constraint orders_status_check": ["check", "588eb314a0a474f73b22149116cfa1d0"], "trigger aa_migration_guard_new": ["trigger", "c4a9982e3d07860c7f47399b3b9bb03f"], "trigger aa_migration_guard_old": ["trigger", "1bb5157baef2a6ac6b27f999c4a36fa9"], "constraint orders_currency_fkey": ["foreign key", "f285811c3a4a2e8c5785c5021a27fbcc"], "constraint orders_profile_id_fkey": ["foreign key", "5e9cd4c885a5f5b115cc92d796d67ae2"], "constraint orders_order_number_key": ["unique", "171da015a333b5d965a73c480b2f90c2"], "constraint orders_time_quality_check": ["check", "1589f334f15ebd4233fae8659abac992"]}', '{customers,orders,coupon_redemptions,order_items,payments,points_ledger,shipments,tickets,returns,warranty_claims,refunds,shipment_events}', '2026-11-27 06:39:48.278634+00'),
	('target', 'mi.profiles', 'c704b605992eae5bb61bc2e070984328', '{"table": ["table", "8fa14cdd754f91cc6554c9e71929cce7"], "column note": ["text", "1ee85a39d1b9d75063fcdc3286539192"], "column brand": ["text not null", "1ee85a39d1b9d75063fcdc3286539192"], "column email": ["text", "1ee85a39d1b9d75063fcdc3286539192"], "column phone": ["text", "1ee85a39d1b9d75063fcdc3286539192"], "column locale": ["text", "1ee85a39d1b9d75063fcdc3286539192"], "column market": ["text not null", "1ee85a39d1b9d75063fcdc3286539192"], "column origin": ["text not null default", "3e9868fe35033411d32d88ca61cf1560"], "column status": ["text not null", "1ee85a39d1b9d75063fcdc3286539192"], "column closed_at": ["timestamp with time zone", "06cb4717b0ccefca776dd7000a51c7da"], "column joined_by": ["text not null", "1ee85a39d1b9d75063fcdc3286539192"], "column account_id": ["bigint not null", "06cb4717b0ccefca776dd7000a51c7da"], "column birth_date": ["date", "06cb4717b0ccefca776dd7000a51c7da"], "column created_at": ["timestamp with time zone not null", "06cb4717b0ccefca776dd7000a51c7da"], "column profile_id": ["bigint not null identity", "fd450491d7f6a30d6a24440a4a3d08bf"], "column display_name": ["text", "1ee85a39d1b9d75063fcdc3286539192"], "column email_verified": ["boolean not null default", "2daee5700249db2c9ce202e17693b1d0"], "column phone_verified": ["boolean not null default", "2daee5700249db2c9ce202e17693b1d0"], "column phone_as_entered": ["text", "1ee85a39d1b9d75063fcdc3286539192"], "constraint profiles_pkey": ["primary key", "70b919df521620437f614c53f48f5064"], "trigger aa_migration_guard_new": ["trigger", "57a00f980751c0055877236eceddee96"], "trigger aa_migration_guard_old": ["trigger", "8adca191a79bf3c76a3ad2fcccbd32f8"], "constraint profiles_email_check": ["check", "a4e0e6241499324c1ed3ffcb91520b98"], "constraint profiles_market_fkey": ["foreign key", "872a80077d1e70c6489c17818b3f19b4"], "constraint profiles_phone_check": ["check", "7b2189c238aa68be2ff2bed8908e2e20"], "constraint profiles_origin_check": ["check", "1c6fb34ff85dbab44f5cdf5dccbdcb96"], "constraint profiles_status_check": ["check", "f40a333c18ec54a3f4abaa36ec300ca2"], "constraint profiles_account_id_fkey": ["foreign key", "bce92144ad85eb6177609fdb8524a726"], "constraint profiles_joined_by_check": ["check", "fc996be540606f4b2c9953b3712592b4"]}', '{customers,addresses,consents,coupons,orders,reviews,points_ledger,tickets,warranty_claims}', '2026-11-27 06:39:48.278634+00'),
	('target', 'mi.reviews', '05dbc015906ea412e43a0314fb0b3e44', '{"table": ["table", "8fa14cdd754f91cc6554c9e71929cce7"], "column body": ["text not null", "1ee85a39d1b9d75063fcdc3286539192"], "column reply": ["text", "1ee85a39d1b9d75063fcdc3286539192"], "column title": ["text", "1ee85a39d1b9d75063fcdc3286539192"], "column origin": ["text not null default", "3e9868fe35033411d32d88ca61cf1560"], "column photos": ["text[] not null", "1ee85a39d1b9d75063fcdc3286539192"], "column rating": ["smallint not null", "06cb4717b0ccefca776dd7000a51c7da"], "column status": ["text not null", "1ee85a39d1b9d75063fcdc3286539192"], "column item_id": ["bigint not null", "06cb4717b0ccefca776dd7000a51c7da"], "column review_id": ["bigint not null identity", "fd450491d7f6a30d6a24440a4a3d08bf"], "column created_at": ["timestamp with time zone not null", "06cb4717b0ccefca776dd7000a51c7da"], "column profile_id": ["bigint", "06cb4717b0ccefca776dd7000a51c7da"], "column replied_at": ["timestamp with time zone", "06cb4717b0ccefca776dd7000a51c7da"], "constraint reviews_pkey": ["primary key", "cc428a49777e3c86eb015376d11e2fac"], "trigger aa_migration_guard_new": ["trigger", "3efbc39d4e4536bac4ff93d4e7b9c7d1"], "trigger aa_migration_guard_old": ["trigger", "87c70a36f71b53d11b801b354a975237"], "constraint reviews_item_id_fkey": ["foreign key", "a1094c71c1d16adf254f5f1806583d38"], "constraint reviews_origin_check": ["check", "1c6fb34ff85dbab44f5cdf5dccbdcb96"], "constraint reviews_rating_check": ["check", "606e47492202363ca3377410b0a82ff7"], "constraint reviews_status_check": ["check", "79b1f9bbdf2e6582910749d7c8b16f72"], "constraint reviews_profile_id_fkey": ["foreign key", "5e9cd4c885a5f5b115cc92d796d67ae2"]}', '{customers,products,reviews}', '2026-11-27 06:39:48.278634+00'),
	('source', 'poco.coupon_redemptions', 'd8977705ed4aa71b0f459769e22e9b0a', '{"table": ["table", "8fa14cdd754f91cc6554c9e71929cce7"], "column id": ["bigint not null", "06cb4717b0ccefca776dd7000a51c7da"], "column region": ["text not null", "1ee85a39d1b9d75063fcdc3286539192"], "column order_id": ["bigint not null", "06cb4717b0ccefca776dd7000a51c7da"], "column coupon_id": ["bigint not null", "06cb4717b0ccefca776dd7000a51c7da"], "column customer_id": ["bigint", "06cb4717b0ccefca776dd7000a51c7da"], "column redeemed_at": ["timestamp without time zone not null", "06cb4717b0ccefca776dd7000a51c7da"], "column amount_minor": ["bigint not null", "06cb4717b0ccefca776dd7000a51c7da"], "constraint coupon_redemptions_pkey": ["primary key", "4c6419b3704337bbfe50f018842a9ad3"]}', '{orders,coupon_redemptions}', '2026-11-27 06:39:48.278634+00'),
	('target', 'mi.service_cases', 'c161c3e9f92bedfd7b795fee86de87d3', '{"table": ["table", "8fa14cdd754f91cc6554c9e71929cce7"], "column market": ["text not null", "1ee85a39d1b9d75063fcdc3286539192"], "column origin": ["text not null default", "3e9868fe35033411d32d88ca61cf1560"], "column status": ["text not null", "1ee85a39d1b9d75063fcdc3286539192"], "column case_id": ["bigint not null identity", "fd450491d7f6a30d6a24440a4a3d08bf"], "column subject": ["text not null", "1ee85a39d1b9d75063fcdc3286539192"], "column order_id": ["bigint", "06cb4717b0ccefca776dd7000a51c7da"], "column closed_at": ["timestamp with time zone", "06cb4717b0ccefca776dd7000a51c7da"], "column opened_at": ["timestamp with time zone not null", "06cb4717b0ccefca776dd7000a51c7da"], "column profile_id": ["bigint not null", "06cb4717b0ccefca776dd7000a51c7da"], "constraint service_cases_pkey": ["primary key", "18b3b079661ab983b692d73b4bd2bbaf"], "trigger aa_migration_guard_new": ["trigger", "b67a752b2d2c3d92590b0b60d8e79203"], "trigger aa_migration_guard_old": ["trigger", "1e7e53a7c51d1632032103b8688c761f"], "constraint service_cases_market_fkey": ["foreign key", "872a80077d1e70c6489c17818b3f19b4"], "constraint service_cases_origin_check": ["check", "1c6fb34ff85dbab44f5cdf5dccbdcb96"], "constraint service_cases_status_check": ["check", "bb3648554b4256ba124fa70b0c0227a2"], "constraint service_cases_order_id_fkey": ["foreign key", "14e45145ae166e80f8c098743f9a3963"], "constraint service_cases_profile_id_fkey": ["foreign key", "5e9cd4c885a5f5b115cc92d796d67ae2"]}', '{customers,orders,tickets,ticket_messages}', '2026-11-27 06:39:48.278634+00'),
	('target', 'mi.warranties', 'c50c4bc5448e9a128b5bb3fce98dea2d', '{"table": ["table", "8fa14cdd754f91cc6554c9e71929cce7"], "column imei": ["text", "1ee85a39d1b9d75063fcdc3286539192"], "column market": ["text not null", "1ee85a39d1b9d75063fcdc3286539192"], "column origin": ["text not null default", "3e9868fe35033411d32d88ca61cf1560"], "column status": ["text not null", "1ee85a39d1b9d75063fcdc3286539192"], "column line_id": ["bigint", "06cb4717b0ccefca776dd7000a51c7da"], "column opened_at": ["timestamp with time zone not null", "06cb4717b0ccefca776dd7000a51c7da"], "column profile_id": ["bigint not null", "06cb4717b0ccefca776dd7000a51c7da"], "column description": ["text not null", "1ee85a39d1b9d75063fcdc3286539192"], "column resolved_at": ["timestamp with time zone", "06cb4717b0ccefca776dd7000a51c7da"], "column warranty_id": ["bigint not null identity", "fd450491d7f6a30d6a24440a4a3d08bf"], "constraint warranties_pkey": ["primary key", "d96fa1bb288096461de1ebe7a2338dd9"], "trigger aa_migration_guard_new": ["trigger", "c95f32f13420e23102265dc999453b1b"], "trigger aa_migration_guard_old": ["trigger", "4426c2b6ce28346378de9d3ac3a3376d"], "constraint warranties_imei_check": ["check", "e38ee3259ed18d26d30b4f2d8c7a7022"], "constraint warranties_market_fkey": ["foreign key", "872a80077d1e70c6489c17818b3f19b4"], "constraint warranties_line_id_fkey": ["foreign key", "ab1ce7f215b548604fe6d6c1be83d548"], "constraint warranties_origin_check": ["check", "1c6fb34ff85dbab44f5cdf5dccbdcb96"], "constraint warranties_status_check": ["check", "9b130964a624bab84cf6cbae7c093218"], "constraint warranties_profile_id_fkey": ["foreign key", "5e9cd4c885a5f5b115cc92d796d67ae2"]}', '{customers,order_items,warranty_claims}', '2026-11-27 06:39:48.278634+00'),
	('target', 'migration.coupon_reissue', 'c1a97701b50323d4e3d129969a83bbcf', '{"table": ["table", "b4c7fc4a4593db117249d4ecb13c492d"], "column kind": ["text not null", "1ee85a39d1b9d75063fcdc3286539192"], "column epoch": ["integer not null default", "f98ea723981643ccd5331ba82f636bb2"], "column state": ["text not null default", "0ab33c46242c001724eebd7f3446011a"], "column amount": ["numeric(18,3)", "06cb4717b0ccefca776dd7000a51c7da"], "column market": ["text not null", "1ee85a39d1b9d75063fcdc3286539192"], "column region": ["text not null", "1ee85a39d1b9d75063fcdc3286539192"], "column minimum": ["numeric(18,3) not null", "06cb4717b0ccefca776dd7000a51c7da"], "column percent": ["numeric(5,2)", "06cb4717b0ccefca776dd7000a51c7da"], "column problem": ["text not null default", "4cfdf50cd5883139607dd26c9b2d8585"], "column category": ["text", "1ee85a39d1b9d75063fcdc3286539192"], "column currency": ["text not null", "1ee85a39d1b9d75063fcdc3286539192"], "column extended": ["boolean not null", "06cb4717b0ccefca776dd7000a51c7da"], "column coupon_id": ["bigint not null", "06cb4717b0ccefca776dd7000a51c7da"], "column stackable": ["boolean not null", "06cb4717b0ccefca776dd7000a51c7da"], "column uses_left": ["integer not null", "06cb4717b0ccefca776dd7000a51c7da"], "column changed_at": ["timestamp with time zone not null default", "aa29406e69bd1a6a02060c928c47df45"], "column noticed_by": ["text", "1ee85a39d1b9d75063fcdc3286539192"], "column profile_id": ["bigint", "06cb4717b0ccefca776dd7000a51c7da"], "column reissue_id": ["uuid", "06cb4717b0ccefca776dd7000a51c7da"], "column valid_from": ["timestamp with time zone not null", "06cb4717b0ccefca776dd7000a51c7da"], "column valid_until": ["timestamp with time zone not null", "06cb4717b0ccefca776dd7000a51c7da"], "column per_customer": ["integer not null", "06cb4717b0ccefca776dd7000a51c7da"], "constraint coupon_reissue_pkey": ["primary key", "a6743a0e2f071d6749c67708fc2cc78e"], "constraint coupon_reissue_state_check": ["check", "561ba45d61727721c32abfb1f10fe384"], "constraint coupon_reissue_reissue_id_key": ["unique", "0f50ad39d8f4c8e521038162552ac321"]}', '{customers,coupons}', '2026-11-27 06:39:48.278634+00'),
	('source', 'poco.order_items', '37de09b506caae3493f9807df42982d8', '{"table": ["table", "8fa14cdd754f91cc6554c9e71929cce7"], "column id": ["bigint not null", "06cb4717b0ccefca776dd7000a51c7da"], "column sku": ["text not null", "1ee85a39d1b9d75063fcdc3286539192"], "column title": ["text not null", "1ee85a39d1b9d75063fcdc3286539192"], "column region": ["text not null", "1ee85a39d1b9d75063fcdc3286539192"], "column order_id": ["bigint not null", "06cb4717b0ccefca776dd7000a51c7da"], "column quantity": ["integer not null", "06cb4717b0ccefca776dd7000a51c7da"], "column product_id": ["bigint not null", "06cb4717b0ccefca776dd7000a51c7da"], "column unit_minor": ["bigint not null", "06cb4717b0ccefca776dd7000a51c7da"], "column total_minor": ["bigint not null", "06cb4717b0ccefca776dd7000a51c7da"], "constraint order_items_pkey": ["primary key", "4c6419b3704337bbfe50f018842a9ad3"]}', '{products,orders,order_items}', '2026-11-27 06:39:48.278634+00'),
	('source', 'poco.product_prices', 'ea44676734da8a9494c19824ffed757f', '{"table": ["table", "8fa14cdd754f91cc6554c9e71929cce7"], "column id": ["bigint not null", "06cb4717b0ccefca776dd7000a51c7da"], "column region": ["text not null", "1ee85a39d1b9d75063fcdc3286539192"], "column currency": ["character(3) not null", "1ee85a39d1b9d75063fcdc3286539192"], "column valid_to": ["timestamp without time zone", "06cb4717b0ccefca776dd7000a51c7da"], "column product_id": ["bigint not null", "06cb4717b0ccefca776dd7000a51c7da"], "column valid_from": ["timestamp without time zone not null", "06cb4717b0ccefca776dd7000a51c7da"], "column amount_minor": ["bigint not null", "06cb4717b0ccefca776dd7000a51c7da"], "constraint product_prices_pkey": ["primary key", "4c6419b3704337bbfe50f018842a9ad3"]}', '{products,product_prices}', '2026-11-27 06:39:48.278634+00'),
	('source', 'poco.products', '3b7805355b91b2d05734355c19e11c66', '{"table": ["table", "8fa14cdd754f91cc6554c9e71929cce7"], "column id": ["bigint not null", "06cb4717b0ccefca776dd7000a51c7da"], "column sku": ["text not null", "1ee85a39d1b9d75063fcdc3286539192"], "column name": ["text not null", "1ee85a39d1b9d75063fcdc3286539192"], "column slug": ["text not null", "1ee85a39d1b9d75063fcdc3286539192"], "column model": ["text not null", "1ee85a39d1b9d75063fcdc3286539192"], "column region": ["text not null", "1ee85a39d1b9d75063fcdc3286539192"], "column status": ["smallint not null", "06cb4717b0ccefca776dd7000a51c7da"], "column category": ["text not null", "1ee85a39d1b9d75063fcdc3286539192"], "column created_at": ["timestamp without time zone not null", "06cb4717b0ccefca776dd7000a51c7da"], "column discontinued_at": ["timestamp without time zone", "06cb4717b0ccefca776dd7000a51c7da"], "constraint products_pkey": ["primary key", "4c6419b3704337bbfe50f018842a9ad3"], "index products_region_sku": ["unique", "edf87f18ce35486af961648b0a3c911a"]}', '{products,order_items}', '2026-11-27 06:39:48.278634+00'),
	('target', 'mi.brand_items', 'ac6650767fbc91054f0e3fd17e6d0612', '{"table": ["table", "8fa14cdd754f91cc6554c9e71929cce7"], "column sku": ["text not null", "1ee85a39d1b9d75063fcdc3286539192"], "column slug": ["text not null", "1ee85a39d1b9d75063fcdc3286539192"], "column brand": ["text not null", "1ee85a39d1b9d75063fcdc3286539192"], "column model": ["text not null", "1ee85a39d1b9d75063fcdc3286539192"], "column title": ["text not null", "1ee85a39d1b9d75063fcdc3286539192"], "column market": ["text not null", "1ee85a39d1b9d75063fcdc3286539192"], "column origin": ["text not null default", "3e9868fe35033411d32d88ca61cf1560"], "column status": ["text not null", "1ee85a39d1b9d75063fcdc3286539192"], "column item_id": ["bigint not null identity", "fd450491d7f6a30d6a24440a4a3d08bf"], "column category": ["text not null", "1ee85a39d1b9d75063fcdc3286539192"], "column joined_by": ["text not null", "1ee85a39d1b9d75063fcdc3286539192"], "column created_at": ["timestamp with time zone not null", "06cb4717b0ccefca776dd7000a51c7da"], "column listing_id": ["bigint not null", "06cb4717b0ccefca776dd7000a51c7da"], "column discontinued_at": ["timestamp with time zone", "06cb4717b0ccefca776dd7000a51c7da"], "constraint brand_items_pkey": ["primary key", "2bdf35d63e4ea94b6c4a8705996b807d"], "trigger aa_migration_guard_new": ["trigger", "7f849bf9ac18299d5bcfa6f9b6805596"], "trigger aa_migration_guard_old": ["trigger", "34538ef4156304e163f88f15448c757a"], "constraint brand_items_market_fkey": ["foreign key", "872a80077d1e70c6489c17818b3f19b4"], "constraint brand_items_origin_check": ["check", "1c6fb34ff85dbab44f5cdf5dccbdcb96"], "constraint brand_items_status_check": ["check", "115bb5c37c990d473d051a4926033732"], "constraint brand_items_joined_by_check": ["check", "b062527eb4305a8e813c8cc9ee78e792"], "constraint brand_items_listing_id_fkey": ["foreign key", "15b5ccdb5951d327198f183558c98f58"]}', '{products,product_prices,reviews,order_items}', '2026-11-27 06:39:48.278634+00'),
	('target', 'mi.item_prices', '8d04ea9160db0fd4571e9ac8f6f594c2', '{"table": ["table", "8fa14cdd754f91cc6554c9e71929cce7"], "column amount": ["numeric(18,3) not null", "06cb4717b0ccefca776dd7000a51c7da"], "column origin": ["text not null default", "3e9868fe35033411d32d88ca61cf1560"], "column item_id": ["bigint not null", "06cb4717b0ccefca776dd7000a51c7da"], "column currency": ["text not null", "1ee85a39d1b9d75063fcdc3286539192"], "column price_id": ["bigint not null identity", "fd450491d7f6a30d6a24440a4a3d08bf"], "column valid_to": ["timestamp with time zone", "06cb4717b0ccefca776dd7000a51c7da"], "column valid_from": ["timestamp with time zone not null", "06cb4717b0ccefca776dd7000a51c7da"], "constraint item_prices_pkey": ["primary key", "a353de928e3d6d36f77a7a98ad3533d7"], "trigger aa_migration_guard_new": ["trigger", "27b5210bf1fdc35ddde73c0ff6895edc"], "trigger aa_migration_guard_old": ["trigger", "31c63c912f3ae2dd723eb1110046a91a"], "constraint item_prices_amount_check": ["check", "ff7f8fc527686422d3a0e8676a5dee99"], "constraint item_prices_item_id_fkey": ["foreign key", "a1094c71c1d16adf254f5f1806583d38"], "constraint item_prices_origin_check": ["check", "1c6fb34ff85dbab44f5cdf5dccbdcb96"], "constraint item_prices_currency_fkey": ["foreign key", "f285811c3a4a2e8c5785c5021a27fbcc"]}', '{products,product_prices}', '2026-11-27 06:39:48.278634+00'),
	('target', 'mi.listings', 'fd60e4cd3732ab1c1841ceb4554ab451', '{"table": ["table", "8fa14cdd754f91cc6554c9e71929cce7"], "column brand": ["text not null", "1ee85a39d1b9d75063fcdc3286539192"], "column market": ["text not null", "1ee85a39d1b9d75063fcdc3286539192"], "column origin": ["text not null default", "3e9868fe35033411d32d88ca61cf1560"], "column status": ["text not null", "1ee85a39d1b9d75063fcdc3286539192"], "column sku_key": ["text not null", "1ee85a39d1b9d75063fcdc3286539192"], "column listing_id": ["bigint not null identity", "fd450491d7f6a30d6a24440a4a3d08bf"], "constraint listings_pkey": ["primary key", "389f0ae8d81d96f16fee6dacac1c1d36"], "constraint listings_market_fkey": ["foreign key", "872a80077d1e70c6489c17818b3f19b4"], "constraint listings_origin_check": ["check", "1c6fb34ff85dbab44f5cdf5dccbdcb96"], "constraint listings_status_check": ["check", "115bb5c37c990d473d051a4926033732"], "constraint listings_sku_key_check": ["check", "aa09687e77a64363b1d70252ec481994"], "constraint listings_market_sku_key_key": ["unique", "9a43948f337de07f5a55e62f0b5e0c56"]}', '{products}', '2026-11-27 06:39:48.278634+00'),
	('target', 'mi.order_lines', 'f3cb2990b3530e44a51e4d1687e0e579', '{"table": ["table", "8fa14cdd754f91cc6554c9e71929cce7"], "column sku": ["text not null", "1ee85a39d1b9d75063fcdc3286539192"], "column title": ["text not null", "1ee85a39d1b9d75063fcdc3286539192"], "column total": ["numeric(18,3) not null", "06cb4717b0ccefca776dd7000a51c7da"], "column origin": ["text not null default", "3e9868fe35033411d32d88ca61cf1560"], "column item_id": ["bigint", "06cb4717b0ccefca776dd7000a51c7da"], "column line_id": ["bigint not null identity", "fd450491d7f6a30d6a24440a4a3d08bf"], "column order_id": ["bigint not null", "06cb4717b0ccefca776dd7000a51c7da"], "column quantity": ["integer not null", "06cb4717b0ccefca776dd7000a51c7da"], "column unit_price": ["numeric(18,3) not null", "06cb4717b0ccefca776dd7000a51c7da"], "constraint order_lines_pkey": ["primary key", "3b335132881304e25322f8038c451a08"], "trigger aa_migration_guard_new": ["trigger", "edd70226aa05de8935cf032b44dcb986"], "trigger aa_migration_guard_old": ["trigger", "67985948fec3368963251eae5ce13305"], "constraint order_lines_total_check": ["check", "e80fcde449244af00139c8d378f16369"], "constraint order_lines_item_id_fkey": ["foreign key", "a1094c71c1d16adf254f5f1806583d38"], "constraint order_lines_origin_check": ["check", "1c6fb34ff85dbab44f5cdf5dccbdcb96"], "constraint order_lines_order_id_fkey": ["foreign key", "14e45145ae166e80f8c098743f9a3963"], "constraint order_lines_quantity_check": ["check", "3b3dcc7b57a261b25388a7de881077a3"], "constraint order_lines_unit_price_check": ["check", "9fcdebcae429ed6cd565943b99e9f202"]}', '{products,orders,order_items,returns,warranty_claims}', '2026-11-27 06:39:48.278634+00'),
	('source', 'poco.stores', '850a6c66e8f418fc847c8fc7bbe16de3', '{"table": ["table", "8fa14cdd754f91cc6554c9e71929cce7"], "column id": ["bigint not null", "06cb4717b0ccefca776dd7000a51c7da"], "column domain": ["text not null", "1ee85a39d1b9d75063fcdc3286539192"], "column region": ["text not null", "1ee85a39d1b9d75063fcdc3286539192"], "column currency": ["character(3) not null", "1ee85a39d1b9d75063fcdc3286539192"], "column language": ["text not null", "1ee85a39d1b9d75063fcdc3286539192"], "column opened_on": ["date not null", "06cb4717b0ccefca776dd7000a51c7da"], "column time_zone": ["text not null", "1ee85a39d1b9d75063fcdc3286539192"], "constraint stores_pkey": ["primary key", "4c6419b3704337bbfe50f018842a9ad3"], "constraint stores_region_key": ["unique", "fa70fb87fefd58833b3f86ac55e4677b"], "constraint stores_currency_fkey": ["foreign key", "ca181b943651608279702505b1c83832"]}', '{stores}', '2026-11-27 06:39:48.278634+00'),
	('source', 'poco_export.stores', '0b00b385ad5c26fa2e9da53d71c224f3', '{"table": ["view", "a79f8a33bc0c0dcd8e59c98a6f68894c"], "column id": ["bigint", "06cb4717b0ccefca776dd7000a51c7da"], "rule _RETURN": ["rule", "1bd461ef4d395131bb1f87dbb00bc1b8"], "column domain": ["text", "1ee85a39d1b9d75063fcdc3286539192"], "column market": ["text", "1ee85a39d1b9d75063fcdc3286539192"], "column region": ["text", "1ee85a39d1b9d75063fcdc3286539192"], "column currency": ["character(3)", "1ee85a39d1b9d75063fcdc3286539192"], "column language": ["text", "1ee85a39d1b9d75063fcdc3286539192"], "column opened_on": ["date", "06cb4717b0ccefca776dd7000a51c7da"], "column time_zone": ["text", "1ee85a39d1b9d75063fcdc3286539192"]}', '{stores}', '2026-11-27 06:39:48.278634+00'),
	('target', 'mi.market_origins', '3f4bd94c18ba876b251bf7211209b629', '{"table": ["table", "8fa14cdd754f91cc6554c9e71929cce7"], "column domain": ["text not null", "1ee85a39d1b9d75063fcdc3286539192"], "column market": ["text not null", "1ee85a39d1b9d75063fcdc3286539192"], "column region": ["text not null", "1ee85a39d1b9d75063fcdc3286539192"], "column currency": ["text not null", "1ee85a39d1b9d75063fcdc3286539192"], "column language": ["text not null", "1ee85a39d1b9d75063fcdc3286539192"], "column opened_on": ["date not null", "06cb4717b0ccefca776dd7000a51c7da"], "column origin_id": ["bigint not null", "06cb4717b0ccefca776dd7000a51c7da"], "column time_zone": ["text not null", "1ee85a39d1b9d75063fcdc3286539192"], "constraint market_origins_pkey": ["primary key", "450989945f06088979ca03798c4c56da"], "constraint market_origins_market_key": ["unique", "cfd3e52abd7133ac46150118452a115a"], "constraint market_origins_region_key": ["unique", "fa70fb87fefd58833b3f86ac55e4677b"], "constraint market_origins_market_fkey": ["foreign key", "872a80077d1e70c6489c17818b3f19b4"], "constraint market_origins_currency_fkey": ["foreign key", "f285811c3a4a2e8c5785c5021a27fbcc"]}', '{stores,points_ledger}', '2026-11-27 06:39:48.278634+00'),
	('target', 'mi.markets', 'c1f11dc9742458b4cbb267cce83fed2d', '{"table": ["table", "8fa14cdd754f91cc6554c9e71929cce7"], "column market": ["text not null", "1ee85a39d1b9d75063fcdc3286539192"], "column country": ["text not null", "1ee85a39d1b9d75063fcdc3286539192"], "column loyalty": ["boolean not null", "06cb4717b0ccefca776dd7000a51c7da"], "column currency": ["text not null", "1ee85a39d1b9d75063fcdc3286539192"], "column language": ["text not null", "1ee85a39d1b9d75063fcdc3286539192"], "column time_zone": ["text not null", "1ee85a39d1b9d75063fcdc3286539192"], "column store_front": ["text not null", "1ee85a39d1b9d75063fcdc3286539192"], "constraint markets_pkey": ["primary key", "58bcb44f2634712cf26e81d4f007716a"], "constraint markets_currency_fkey": ["foreign key", "f285811c3a4a2e8c5785c5021a27fbcc"]}', '{stores,points_ledger}', '2026-11-27 06:39:48.278634+00'),
	('source', 'poco_export.addresses', '0e045d8ec0d8503b5b5357bbb64656cb', '{"table": ["view", "a79f8a33bc0c0dcd8e59c98a6f68894c"], "column id": ["bigint", "06cb4717b0ccefca776dd7000a51c7da"], "column kind": ["text", "1ee85a39d1b9d75063fcdc3286539192"], "rule _RETURN": ["rule", "9f97f00154414feb598b6b7fa3c04fb1"], "column market": ["text", "1ee85a39d1b9d75063fcdc3286539192"], "column region": ["text", "1ee85a39d1b9d75063fcdc3286539192"], "column payload": ["json", "06cb4717b0ccefca776dd7000a51c7da"], "column time_zone": ["text", "1ee85a39d1b9d75063fcdc3286539192"], "column created_at": ["timestamp without time zone", "06cb4717b0ccefca776dd7000a51c7da"], "column is_default": ["boolean", "06cb4717b0ccefca776dd7000a51c7da"], "column customer_id": ["bigint", "06cb4717b0ccefca776dd7000a51c7da"]}', '{addresses}', '2026-11-27 06:39:48.278634+00'),
	('source', 'poco_export.published_customers', 'de5ba4e690f930528c52006d8190f762', '{"table": ["view", "8fa14cdd754f91cc6554c9e71929cce7"], "column id": ["bigint", "06cb4717b0ccefca776dd7000a51c7da"], "rule _RETURN": ["rule", "c0d16e4ef3e28e6af11933bdcadf2967"], "column buried": ["boolean", "06cb4717b0ccefca776dd7000a51c7da"], "column status": ["smallint", "06cb4717b0ccefca776dd7000a51c7da"]}', '{addresses,consents,coupons,orders,reviews,points_ledger,tickets,warranty_claims,ticket_messages}', '2026-11-27 06:39:48.278634+00'),
	('source', 'poco_export.consents', '60a652203484493cbbe8be82b69d4f97', '{"table": ["view", "a79f8a33bc0c0dcd8e59c98a6f68894c"], "column id": ["bigint", "06cb4717b0ccefca776dd7000a51c7da"], "rule _RETURN": ["rule", "6eed8f99499e39a082b4aef4d58400af"], "column market": ["text", "1ee85a39d1b9d75063fcdc3286539192"], "column region": ["text", "1ee85a39d1b9d75063fcdc3286539192"], "column granted": ["boolean", "06cb4717b0ccefca776dd7000a51c7da"], "column purpose": ["text", "1ee85a39d1b9d75063fcdc3286539192"], "column time_zone": ["text", "1ee85a39d1b9d75063fcdc3286539192"], "column customer_id": ["bigint", "06cb4717b0ccefca776dd7000a51c7da"], "column recorded_at": ["timestamp without time zone", "06cb4717b0ccefca776dd7000a51c7da"]}', '{consents}', '2026-11-27 06:39:48.278634+00'),
	('source', 'poco.currencies', 'abfb5d7ad0796c9540be61ca951e4cec', '{"table": ["table", "8fa14cdd754f91cc6554c9e71929cce7"], "column code": ["character(3) not null", "1ee85a39d1b9d75063fcdc3286539192"], "column exponent": ["smallint not null", "06cb4717b0ccefca776dd7000a51c7da"], "constraint currencies_pkey": ["primary key", "2a68b71499916a5a6818f1705331ee51"], "constraint currencies_exponent_check": ["check", "4586c33247bcf81fbe5d3fafe0ff315b"]}', '{coupons,orders,product_prices,coupon_redemptions,order_items,payments,refunds}', '2026-11-27 06:39:48.278634+00'),
	('source', 'poco_export.coupons', 'd58527ecc43cc325d94a08668c5ab079', '{"table": ["view", "a79f8a33bc0c0dcd8e59c98a6f68894c"], "column id": ["bigint", "06cb4717b0ccefca776dd7000a51c7da"], "column kind": ["smallint", "06cb4717b0ccefca776dd7000a51c7da"], "rule _RETURN": ["rule", "955ca961f06a56a79abba6784cf713ac"], "column market": ["text", "1ee85a39d1b9d75063fcdc3286539192"], "column region": ["text", "1ee85a39d1b9d75063fcdc3286539192"], "column status": ["smallint", "06cb4717b0ccefca776dd7000a51c7da"], "column percent": ["numeric(5,2)", "06cb4717b0ccefca776dd7000a51c7da"], "column category": ["text", "1ee85a39d1b9d75063fcdc3286539192"], "column currency": ["character(3)", "1ee85a39d1b9d75063fcdc3286539192"], "column stackable": ["boolean", "06cb4717b0ccefca776dd7000a51c7da"], "column time_zone": ["text", "1ee85a39d1b9d75063fcdc3286539192"], "column uses_left": ["integer", "06cb4717b0ccefca776dd7000a51c7da"], "column uses_total": ["integer", "06cb4717b0ccefca776dd7000a51c7da"], "column valid_from": ["timestamp without time zone", "06cb4717b0ccefca776dd7000a51c7da"], "column customer_id": ["bigint", "06cb4717b0ccefca776dd7000a51c7da"], "column valid_until": ["timestamp without time zone", "06cb4717b0ccefca776dd7000a51c7da"], "column value_minor": ["bigint", "06cb4717b0ccefca776dd7000a51c7da"], "column per_customer": ["integer", "06cb4717b0ccefca776dd7000a51c7da"], "column minimum_minor": ["bigint", "06cb4717b0ccefca776dd7000a51c7da"], "column reserved_order_id": ["bigint", "06cb4717b0ccefca776dd7000a51c7da"]}', '{coupons}', '2026-11-27 06:39:48.278634+00'),
	('source', 'poco_export.units', '4ea6de96edb5e5b2e5d92f820c4fadd5', '{"table": ["view", "8fa14cdd754f91cc6554c9e71929cce7"], "column unit": ["numeric", "06cb4717b0ccefca776dd7000a51c7da"], "rule _RETURN": ["rule", "84c5144cbeb3d13945c2e31f7f2c3347"], "column currency": ["character(3)", "1ee85a39d1b9d75063fcdc3286539192"]}', '{coupons,orders,product_prices,coupon_redemptions,order_items,payments,refunds}', '2026-11-27 06:39:48.278634+00'),
	('source', 'poco.payments', 'ba4aff76a38eea7458fc31db05104e10', '{"table": ["table", "8fa14cdd754f91cc6554c9e71929cce7"], "column id": ["bigint not null", "06cb4717b0ccefca776dd7000a51c7da"], "column method": ["text not null", "1ee85a39d1b9d75063fcdc3286539192"], "column region": ["text not null", "1ee85a39d1b9d75063fcdc3286539192"], "column status": ["smallint not null", "06cb4717b0ccefca776dd7000a51c7da"], "column paid_at": ["timestamp without time zone", "06cb4717b0ccefca776dd7000a51c7da"], "column currency": ["character(3) not null", "1ee85a39d1b9d75063fcdc3286539192"], "column order_id": ["bigint not null", "06cb4717b0ccefca776dd7000a51c7da"], "column card_token": ["text", "1ee85a39d1b9d75063fcdc3286539192"], "column amount_minor": ["bigint not null", "06cb4717b0ccefca776dd7000a51c7da"], "column provider_ref": ["text not null", "1ee85a39d1b9d75063fcdc3286539192"], "constraint payments_pkey": ["primary key", "4c6419b3704337bbfe50f018842a9ad3"]}', '{orders,payments,refunds}', '2026-11-27 06:39:48.278634+00'),
	('source', 'poco.shipments', 'f85088de3d4899cc782081f956da57ae', '{"table": ["table", "8fa14cdd754f91cc6554c9e71929cce7"], "column id": ["bigint not null", "06cb4717b0ccefca776dd7000a51c7da"], "column region": ["text not null", "1ee85a39d1b9d75063fcdc3286539192"], "column status": ["smallint not null", "06cb4717b0ccefca776dd7000a51c7da"], "column carrier": ["text not null", "1ee85a39d1b9d75063fcdc3286539192"], "column order_id": ["bigint not null", "06cb4717b0ccefca776dd7000a51c7da"], "column shipped_at": ["timestamp without time zone", "06cb4717b0ccefca776dd7000a51c7da"], "column delivered_at": ["timestamp without time zone", "06cb4717b0ccefca776dd7000a51c7da"], "column tracking_number": ["text not null", "1ee85a39d1b9d75063fcdc3286539192"], "constraint shipments_pkey": ["primary key", "4c6419b3704337bbfe50f018842a9ad3"]}', '{orders,shipments}', '2026-11-27 06:39:48.278634+00'),
	('source', 'poco_export.orders', 'f33ac0dd1a28d2ce7b47ca09161d105a', '{"table": ["view", "a79f8a33bc0c0dcd8e59c98a6f68894c"], "column id": ["bigint", "06cb4717b0ccefca776dd7000a51c7da"], "column note": ["text", "1ee85a39d1b9d75063fcdc3286539192"], "column buyer": ["text", "1ee85a39d1b9d75063fcdc3286539192"], "rule _RETURN": ["rule", "a31595ce0350159112ea908c73b93ed4"], "column market": ["text", "1ee85a39d1b9d75063fcdc3286539192"], "column region": ["text", "1ee85a39d1b9d75063fcdc3286539192"], "column status": ["smallint", "06cb4717b0ccefca776dd7000a51c7da"], "column currency": ["character(3)", "1ee85a39d1b9d75063fcdc3286539192"], "column placed_at": ["timestamp without time zone", "06cb4717b0ccefca776dd7000a51c7da"], "column tax_minor": ["bigint", "06cb4717b0ccefca776dd7000a51c7da"], "column time_zone": ["text", "1ee85a39d1b9d75063fcdc3286539192"], "column updated_at": ["timestamp without time zone", "06cb4717b0ccefca776dd7000a51c7da"], "column customer_id": ["bigint", "06cb4717b0ccefca776dd7000a51c7da"], "column guest_email": ["text", "1ee85a39d1b9d75063fcdc3286539192"], "column guest_phone": ["text", "1ee85a39d1b9d75063fcdc3286539192"], "column total_minor": ["bigint", "06cb4717b0ccefca776dd7000a51c7da"], "column order_number": ["text", "1ee85a39d1b9d75063fcdc3286539192"], "column discount_minor": ["bigint", "06cb4717b0ccefca776dd7000a51c7da"], "column shipping_minor": ["bigint", "06cb4717b0ccefca776dd7000a51c7da"], "column subtotal_minor": ["bigint", "06cb4717b0ccefca776dd7000a51c7da"], "column shipping_address": ["json", "06cb4717b0ccefca776dd7000a51c7da"]}', '{orders}', '2026-11-27 06:39:48.278634+00'),
	('target', 'mi.order_discounts', 'be319124da7ff60da21fb983cfafd035', '{"table": ["table", "8fa14cdd754f91cc6554c9e71929cce7"], "column amount": ["numeric(18,3) not null", "06cb4717b0ccefca776dd7000a51c7da"], "column origin": ["text not null default", "3e9868fe35033411d32d88ca61cf1560"], "column currency": ["text not null", "1ee85a39d1b9d75063fcdc3286539192"], "column order_id": ["bigint not null", "06cb4717b0ccefca776dd7000a51c7da"], "column coupon_ref": ["bigint not null", "06cb4717b0ccefca776dd7000a51c7da"], "column discount_id": ["bigint not null identity", "fd450491d7f6a30d6a24440a4a3d08bf"], "column redeemed_at": ["timestamp with time zone not null", "06cb4717b0ccefca776dd7000a51c7da"], "trigger aa_migration_guard_new": ["trigger", "22cf5e4b10e0c939d4c1330618276a42"], "trigger aa_migration_guard_old": ["trigger", "0df3d48b3ff3f90d2c44aa1dde66d9cc"], "constraint order_discounts_pkey": ["primary key", "dc2492db934495da6f4dfc9fb90f1033"], "constraint order_discounts_amount_check": ["check", "3f649020d8e109c09c3e1dbfacc2dea1"], "constraint order_discounts_origin_check": ["check", "1c6fb34ff85dbab44f5cdf5dccbdcb96"], "constraint order_discounts_currency_fkey": ["foreign key", "f285811c3a4a2e8c5785c5021a27fbcc"], "constraint order_discounts_order_id_fkey": ["foreign key", "14e45145ae166e80f8c098743f9a3963"]}', '{orders,coupon_redemptions}', '2026-11-27 06:39:48.278634+00'),
	('target', 'mi.payments', '88f34d5169b588e4a5902e9980299f66', '{"table": ["table", "8fa14cdd754f91cc6554c9e71929cce7"], "column amount": ["numeric(18,3) not null", "06cb4717b0ccefca776dd7000a51c7da"], "column method": ["text not null", "1ee85a39d1b9d75063fcdc3286539192"], "column origin": ["text not null default", "3e9868fe35033411d32d88ca61cf1560"], "column status": ["text not null", "1ee85a39d1b9d75063fcdc3286539192"], "column paid_at": ["timestamp with time zone", "06cb4717b0ccefca776dd7000a51c7da"], "column currency": ["text not null", "1ee85a39d1b9d75063fcdc3286539192"], "column order_id": ["bigint not null", "06cb4717b0ccefca776dd7000a51c7da"], "column payment_id": ["bigint not null identity", "fd450491d7f6a30d6a24440a4a3d08bf"], "column provider_ref": ["text not null", "1ee85a39d1b9d75063fcdc3286539192"], "constraint payments_pkey": ["primary key", "135445c01f8165dad00e8b2c19bf07d9"], "trigger aa_migration_guard_new": ["trigger", "bddb2dc4ef07f30152f5a883d89ed671"], "trigger aa_migration_guard_old": ["trigger", "cb11430dcbe3ad9edd933dc6a6d59f92"], "constraint payments_amount_check": ["check", "3f649020d8e109c09c3e1dbfacc2dea1"], "constraint payments_method_check": ["check", "5e5f9dff10f220633caed724c2381def"], "constraint payments_origin_check": ["check", "1c6fb34ff85dbab44f5cdf5dccbdcb96"], "constraint payments_status_check": ["check", "756a64fee25a35d8b298cc80b31e4650"], "constraint payments_currency_fkey": ["foreign key", "f285811c3a4a2e8c5785c5021a27fbcc"], "constraint payments_order_id_fkey": ["foreign key", "14e45145ae166e80f8c098743f9a3963"]}', '{orders,payments,refunds}', '2026-11-27 06:39:48.278634+00'),
	('target', 'mi.shipments', '21cfa265fab2434985a59aaf9f71e463', '{"table": ["table", "8fa14cdd754f91cc6554c9e71929cce7"], "column origin": ["text not null default", "3e9868fe35033411d32d88ca61cf1560"], "column status": ["text not null", "1ee85a39d1b9d75063fcdc3286539192"], "column carrier": ["text not null", "1ee85a39d1b9d75063fcdc3286539192"], "column order_id": ["bigint not null", "06cb4717b0ccefca776dd7000a51c7da"], "column shipped_at": ["timestamp with time zone", "06cb4717b0ccefca776dd7000a51c7da"], "column shipment_id": ["bigint not null identity", "fd450491d7f6a30d6a24440a4a3d08bf"], "column delivered_at": ["timestamp with time zone", "06cb4717b0ccefca776dd7000a51c7da"], "column tracking_number": ["text not null", "1ee85a39d1b9d75063fcdc3286539192"], "constraint shipments_pkey": ["primary key", "ae9f5dbdb34a4b70cd331443eb8b59e4"], "constraint shipments_check": ["check", "b5e026d05b02c4a53d9fd9197d762fc2"], "trigger aa_migration_guard_new": ["trigger", "24fdf2af679eda26286de46d3b5f3f4d"], "trigger aa_migration_guard_old": ["trigger", "f5a1e0abf574d6b12130df43627b751c"], "constraint shipments_origin_check": ["check", "1c6fb34ff85dbab44f5cdf5dccbdcb96"], "constraint shipments_status_check": ["check", "b5d9c4451d9ef5f7f495eabadd47cd57"], "constraint shipments_order_id_fkey": ["foreign key", "14e45145ae166e80f8c098743f9a3963"]}', '{orders,shipments,shipment_events}', '2026-11-27 06:39:48.278634+00'),
	('source', 'poco_export.product_prices', 'ecdc48922e5e08a3f9593cd3622af89d', '{"table": ["view", "a79f8a33bc0c0dcd8e59c98a6f68894c"], "column id": ["bigint", "06cb4717b0ccefca776dd7000a51c7da"], "rule _RETURN": ["rule", "fdb8a51cecaaff074224bfbab92c1cfb"], "column market": ["text", "1ee85a39d1b9d75063fcdc3286539192"], "column region": ["text", "1ee85a39d1b9d75063fcdc3286539192"], "column currency": ["character(3)", "1ee85a39d1b9d75063fcdc3286539192"], "column valid_to": ["timestamp without time zone", "06cb4717b0ccefca776dd7000a51c7da"], "column time_zone": ["text", "1ee85a39d1b9d75063fcdc3286539192"], "column product_id": ["bigint", "06cb4717b0ccefca776dd7000a51c7da"], "column valid_from": ["timestamp without time zone", "06cb4717b0ccefca776dd7000a51c7da"], "column amount_minor": ["bigint", "06cb4717b0ccefca776dd7000a51c7da"]}', '{product_prices}', '2026-11-27 06:39:48.278634+00'),
	('source', 'poco_export.reviews', 'ce7e5e2219451f0efae182a8aa0202db', '{"table": ["view", "a79f8a33bc0c0dcd8e59c98a6f68894c"], "column id": ["bigint", "06cb4717b0ccefca776dd7000a51c7da"], "column body": ["text", "1ee85a39d1b9d75063fcdc3286539192"], "column reply": ["text", "1ee85a39d1b9d75063fcdc3286539192"], "column title": ["text", "1ee85a39d1b9d75063fcdc3286539192"], "rule _RETURN": ["rule", "b89658f626c9058a039f49ef6e16cae1"], "column market": ["text", "1ee85a39d1b9d75063fcdc3286539192"], "column rating": ["smallint", "06cb4717b0ccefca776dd7000a51c7da"], "column region": ["text", "1ee85a39d1b9d75063fcdc3286539192"], "column status": ["smallint", "06cb4717b0ccefca776dd7000a51c7da"], "column time_zone": ["text", "1ee85a39d1b9d75063fcdc3286539192"], "column created_at": ["timestamp without time zone", "06cb4717b0ccefca776dd7000a51c7da"], "column photo_keys": ["text[]", "1ee85a39d1b9d75063fcdc3286539192"], "column product_id": ["bigint", "06cb4717b0ccefca776dd7000a51c7da"], "column replied_at": ["timestamp without time zone", "06cb4717b0ccefca776dd7000a51c7da"], "column customer_id": ["bigint", "06cb4717b0ccefca776dd7000a51c7da"], "column photo_sha256": ["text[]", "1ee85a39d1b9d75063fcdc3286539192"]}', '{reviews}', '2026-11-27 06:39:48.278634+00'),
	('source', 'poco_export.coupon_redemptions', 'bda9b4d8041a5258532667f84912b375', '{"table": ["view", "a79f8a33bc0c0dcd8e59c98a6f68894c"], "column id": ["bigint", "06cb4717b0ccefca776dd7000a51c7da"], "rule _RETURN": ["rule", "7ed0d8783b2332dbfdbda9e9dcc0082f"], "column market": ["text", "1ee85a39d1b9d75063fcdc3286539192"], "column region": ["text", "1ee85a39d1b9d75063fcdc3286539192"], "column currency": ["character(3)", "1ee85a39d1b9d75063fcdc3286539192"], "column order_id": ["bigint", "06cb4717b0ccefca776dd7000a51c7da"], "column coupon_id": ["bigint", "06cb4717b0ccefca776dd7000a51c7da"], "column time_zone": ["text", "1ee85a39d1b9d75063fcdc3286539192"], "column redeemed_at": ["timestamp without time zone", "06cb4717b0ccefca776dd7000a51c7da"], "column amount_minor": ["bigint", "06cb4717b0ccefca776dd7000a51c7da"]}', '{coupon_redemptions}', '2026-11-27 06:39:48.278634+00'),
	('source', 'poco_export.published_orders', '9644406ba7c4f940891ff01567315e30', '{"table": ["view", "8fa14cdd754f91cc6554c9e71929cce7"], "column id": ["bigint", "06cb4717b0ccefca776dd7000a51c7da"], "rule _RETURN": ["rule", "1d8a5530f1c1e772482a712b0a799a51"], "column currency": ["character(3)", "1ee85a39d1b9d75063fcdc3286539192"]}', '{coupon_redemptions,order_items}', '2026-11-27 06:39:48.278634+00'),
	('source', 'poco.returns', '4f2e9b8994491d906e3e7494b3e9e1f4', '{"table": ["table", "8fa14cdd754f91cc6554c9e71929cce7"], "column id": ["bigint not null", "06cb4717b0ccefca776dd7000a51c7da"], "column reason": ["text", "1ee85a39d1b9d75063fcdc3286539192"], "column region": ["text not null", "1ee85a39d1b9d75063fcdc3286539192"], "column status": ["smallint not null", "06cb4717b0ccefca776dd7000a51c7da"], "column order_id": ["bigint not null", "06cb4717b0ccefca776dd7000a51c7da"], "column quantity": ["integer not null", "06cb4717b0ccefca776dd7000a51c7da"], "column closed_at": ["timestamp without time zone", "06cb4717b0ccefca776dd7000a51c7da"], "column opened_at": ["timestamp without time zone not null", "06cb4717b0ccefca776dd7000a51c7da"], "column order_item_id": ["bigint not null", "06cb4717b0ccefca776dd7000a51c7da"], "constraint returns_pkey": ["primary key", "4c6419b3704337bbfe50f018842a9ad3"]}', '{order_items,returns}', '2026-11-27 06:39:48.278634+00'),
	('source', 'poco_export.order_items', 'bfb5f63441e635733ab1e8dbe9f8b3a6', '{"table": ["view", "a79f8a33bc0c0dcd8e59c98a6f68894c"], "column id": ["bigint", "06cb4717b0ccefca776dd7000a51c7da"], "column sku": ["text", "1ee85a39d1b9d75063fcdc3286539192"], "column title": ["text", "1ee85a39d1b9d75063fcdc3286539192"], "rule _RETURN": ["rule", "9a09ebd0c97be74adb4e59187cf43870"], "column market": ["text", "1ee85a39d1b9d75063fcdc3286539192"], "column region": ["text", "1ee85a39d1b9d75063fcdc3286539192"], "column currency": ["character(3)", "1ee85a39d1b9d75063fcdc3286539192"], "column order_id": ["bigint", "06cb4717b0ccefca776dd7000a51c7da"], "column quantity": ["integer", "06cb4717b0ccefca776dd7000a51c7da"], "column product_id": ["bigint", "06cb4717b0ccefca776dd7000a51c7da"], "column unit_minor": ["bigint", "06cb4717b0ccefca776dd7000a51c7da"], "column total_minor": ["bigint", "06cb4717b0ccefca776dd7000a51c7da"], "column product_exists": ["boolean", "06cb4717b0ccefca776dd7000a51c7da"]}', '{order_items}', '2026-11-27 06:39:48.278634+00'),
	('target', 'mi.returns', '0e9facebadac4686b1c46dec08ccf967', '{"table": ["table", "8fa14cdd754f91cc6554c9e71929cce7"], "column origin": ["text not null default", "3e9868fe35033411d32d88ca61cf1560"], "column reason": ["text", "1ee85a39d1b9d75063fcdc3286539192"], "column status": ["text not null", "1ee85a39d1b9d75063fcdc3286539192"], "column line_id": ["bigint not null", "06cb4717b0ccefca776dd7000a51c7da"], "column quantity": ["integer not null", "06cb4717b0ccefca776dd7000a51c7da"], "column closed_at": ["timestamp with time zone", "06cb4717b0ccefca776dd7000a51c7da"], "column opened_at": ["timestamp with time zone not null", "06cb4717b0ccefca776dd7000a51c7da"], "column return_id": ["bigint not null identity", "fd450491d7f6a30d6a24440a4a3d08bf"], "constraint returns_pkey": ["primary key", "a3e927a16db9c46ce45e818f39f8aee3"], "trigger aa_migration_guard_new": ["trigger", "860fc94fb8ba56d5bfafe37f9f873e2b"], "trigger aa_migration_guard_old": ["trigger", "7a77eed96f87460e0e201aaeb4cc67dc"], "constraint returns_line_id_fkey": ["foreign key", "ab1ce7f215b548604fe6d6c1be83d548"], "constraint returns_origin_check": ["check", "1c6fb34ff85dbab44f5cdf5dccbdcb96"], "constraint returns_status_check": ["check", "09cf2cd24b206dc41c5e35fd38fe7873"], "constraint returns_quantity_check": ["check", "3b3dcc7b57a261b25388a7de881077a3"]}', '{order_items,returns}', '2026-11-27 06:39:48.278634+00'),
	('source', 'poco.refunds', 'f34d196e66f1251247df4c257b550762', '{"table": ["table", "8fa14cdd754f91cc6554c9e71929cce7"], "column id": ["bigint not null", "06cb4717b0ccefca776dd7000a51c7da"], "column reason": ["text", "1ee85a39d1b9d75063fcdc3286539192"], "column region": ["text not null", "1ee85a39d1b9d75063fcdc3286539192"], "column status": ["smallint not null", "06cb4717b0ccefca776dd7000a51c7da"], "column payment_id": ["bigint not null", "06cb4717b0ccefca776dd7000a51c7da"], "column refunded_at": ["timestamp without time zone", "06cb4717b0ccefca776dd7000a51c7da"], "column amount_minor": ["bigint not null", "06cb4717b0ccefca776dd7000a51c7da"], "constraint refunds_pkey": ["primary key", "4c6419b3704337bbfe50f018842a9ad3"]}', '{payments,refunds}', '2026-11-27 06:39:48.278634+00'),
	('source', 'poco_export.payments', '0cb20ef7917d18b4c01cfa3eee5344f3', '{"table": ["view", "a79f8a33bc0c0dcd8e59c98a6f68894c"], "column id": ["bigint", "06cb4717b0ccefca776dd7000a51c7da"], "rule _RETURN": ["rule", "3d10c75dc7f70f71515c74f8a9c440e1"], "column market": ["text", "1ee85a39d1b9d75063fcdc3286539192"], "column method": ["text", "1ee85a39d1b9d75063fcdc3286539192"], "column region": ["text", "1ee85a39d1b9d75063fcdc3286539192"], "column status": ["smallint", "06cb4717b0ccefca776dd7000a51c7da"], "column paid_at": ["timestamp without time zone", "06cb4717b0ccefca776dd7000a51c7da"], "column currency": ["character(3)", "1ee85a39d1b9d75063fcdc3286539192"], "column order_id": ["bigint", "06cb4717b0ccefca776dd7000a51c7da"], "column time_zone": ["text", "1ee85a39d1b9d75063fcdc3286539192"], "column amount_minor": ["bigint", "06cb4717b0ccefca776dd7000a51c7da"], "column provider_ref": ["text", "1ee85a39d1b9d75063fcdc3286539192"]}', '{payments}', '2026-11-27 06:39:48.278634+00'),
	('target', 'mi.refunds', '786d68274d34892c6d478219a10e4dfb', '{"table": ["table", "8fa14cdd754f91cc6554c9e71929cce7"], "column amount": ["numeric(18,3) not null", "06cb4717b0ccefca776dd7000a51c7da"], "column origin": ["text not null default", "3e9868fe35033411d32d88ca61cf1560"], "column reason": ["text", "1ee85a39d1b9d75063fcdc3286539192"], "column status": ["text not null", "1ee85a39d1b9d75063fcdc3286539192"], "column currency": ["text not null", "1ee85a39d1b9d75063fcdc3286539192"], "column refund_id": ["bigint not null identity", "fd450491d7f6a30d6a24440a4a3d08bf"], "column payment_id": ["bigint not null", "06cb4717b0ccefca776dd7000a51c7da"], "column refunded_at": ["timestamp with time zone", "06cb4717b0ccefca776dd7000a51c7da"], "constraint refunds_pkey": ["primary key", "70cb8c672febac29750fcbbdc978375d"], "trigger aa_migration_guard_new": ["trigger", "7d91a767728896853339ea7ce5dcb199"], "trigger aa_migration_guard_old": ["trigger", "62343c120aca79da51943af5e5e233fa"], "constraint refunds_amount_check": ["check", "ff7f8fc527686422d3a0e8676a5dee99"], "constraint refunds_origin_check": ["check", "1c6fb34ff85dbab44f5cdf5dccbdcb96"], "constraint refunds_status_check": ["check", "19af91ef74e5b864e7b0375649281afc"], "constraint refunds_currency_fkey": ["foreign key", "f285811c3a4a2e8c5785c5021a27fbcc"], "constraint refunds_payment_id_fkey": ["foreign key", "734ce724551d2abbfacce4ba12c2a752"]}', '{payments,refunds}', '2026-11-27 06:39:48.278634+00'),
	('source', 'poco_export.points_ledger', '6c9474215a10d8608c0142378ae0fed7', '{"table": ["view", "a79f8a33bc0c0dcd8e59c98a6f68894c"], "column id": ["bigint", "06cb4717b0ccefca776dd7000a51c7da"], "column kind": ["text", "1ee85a39d1b9d75063fcdc3286539192"], "column state": ["text", "1ee85a39d1b9d75063fcdc3286539192"], "rule _RETURN": ["rule", "65351df3b935090ec7ca422017c6fca2"], "column market": ["text", "1ee85a39d1b9d75063fcdc3286539192"], "column points": ["bigint", "06cb4717b0ccefca776dd7000a51c7da"], "column region": ["text", "1ee85a39d1b9d75063fcdc3286539192"], "column loyalty": ["boolean", "06cb4717b0ccefca776dd7000a51c7da"], "column order_id": ["bigint", "06cb4717b0ccefca776dd7000a51c7da"], "column time_zone": ["text", "1ee85a39d1b9d75063fcdc3286539192"], "column created_at": ["timestamp without time zone", "06cb4717b0ccefca776dd7000a51c7da"], "column expires_at": ["timestamp without time zone", "06cb4717b0ccefca776dd7000a51c7da"], "column customer_id": ["bigint", "06cb4717b0ccefca776dd7000a51c7da"]}', '{points_ledger}', '2026-11-27 06:39:48.278634+00'),
	('source', 'poco.shipment_events', 'ff2eea4b7ca6a9389571fb320ce9a675', '{"table": ["table", "8fa14cdd754f91cc6554c9e71929cce7"], "column id": ["bigint not null", "06cb4717b0ccefca776dd7000a51c7da"], "column code": ["text not null", "1ee85a39d1b9d75063fcdc3286539192"], "column region": ["text not null", "1ee85a39d1b9d75063fcdc3286539192"], "column location": ["text", "1ee85a39d1b9d75063fcdc3286539192"], "column occurred_at": ["timestamp without time zone not null", "06cb4717b0ccefca776dd7000a51c7da"], "column sequence_no": ["integer not null", "06cb4717b0ccefca776dd7000a51c7da"], "column shipment_id": ["bigint not null", "06cb4717b0ccefca776dd7000a51c7da"], "constraint shipment_events_pkey": ["primary key", "4c6419b3704337bbfe50f018842a9ad3"]}', '{shipments,shipment_events}', '2026-11-27 06:39:48.278634+00'),
	('source', 'poco_export.shipments', '42aa8b50b503fc0dba4f04bd8373d475', '{"table": ["view", "a79f8a33bc0c0dcd8e59c98a6f68894c"], "column id": ["bigint", "06cb4717b0ccefca776dd7000a51c7da"], "rule _RETURN": ["rule", "b11c0565dd7c8c06e1c4beeb9df61a91"], "column market": ["text", "1ee85a39d1b9d75063fcdc3286539192"], "column region": ["text", "1ee85a39d1b9d75063fcdc3286539192"], "column status": ["smallint", "06cb4717b0ccefca776dd7000a51c7da"], "column carrier": ["text", "1ee85a39d1b9d75063fcdc3286539192"], "column order_id": ["bigint", "06cb4717b0ccefca776dd7000a51c7da"], "column time_zone": ["text", "1ee85a39d1b9d75063fcdc3286539192"], "column shipped_at": ["timestamp without time zone", "06cb4717b0ccefca776dd7000a51c7da"], "column delivered_at": ["timestamp without time zone", "06cb4717b0ccefca776dd7000a51c7da"], "column tracking_number": ["text", "1ee85a39d1b9d75063fcdc3286539192"]}', '{shipments}', '2026-11-27 06:39:48.278634+00'),
	('target', 'mi.shipment_events', '2df2f71f802a3826f1e2a0458ce60e66', '{"table": ["table", "8fa14cdd754f91cc6554c9e71929cce7"], "column code": ["text not null", "1ee85a39d1b9d75063fcdc3286539192"], "column origin": ["text not null default", "3e9868fe35033411d32d88ca61cf1560"], "column event_id": ["bigint not null identity", "fd450491d7f6a30d6a24440a4a3d08bf"], "column location": ["text", "1ee85a39d1b9d75063fcdc3286539192"], "column occurred_at": ["timestamp with time zone not null", "06cb4717b0ccefca776dd7000a51c7da"], "column sequence_no": ["integer not null", "06cb4717b0ccefca776dd7000a51c7da"], "column shipment_id": ["bigint not null", "06cb4717b0ccefca776dd7000a51c7da"], "column occurred_local": ["timestamp without time zone not null", "06cb4717b0ccefca776dd7000a51c7da"], "trigger aa_migration_guard_new": ["trigger", "0373cce1cd21c4f771ec80fe90d02bed"], "trigger aa_migration_guard_old": ["trigger", "ee4cd2e1252ae3f62a09dd17e2069158"], "constraint shipment_events_pkey": ["primary key", "1e909a41847e2371a95110af439aa15e"], "constraint shipment_events_code_check": ["check", "22c53c32a84ee33e0b46e36888a749e0"], "constraint shipment_events_origin_check": ["check", "1c6fb34ff85dbab44f5cdf5dccbdcb96"], "constraint shipment_events_shipment_id_fkey": ["foreign key", "e8fb2b2503a3f2ff34145dfa1bae1df9"], "constraint shipment_events_shipment_id_sequence_no_key": ["unique", "366927eaff25b96d57ba0acad7c09975"]}', '{shipments,shipment_events}', '2026-11-27 06:39:48.278634+00'),
	('source', 'poco.ticket_messages', 'cb9cbe29dcc01b3e1c1a4ac0438b5f78', '{"table": ["table", "8fa14cdd754f91cc6554c9e71929cce7"], "column id": ["bigint not null", "06cb4717b0ccefca776dd7000a51c7da"], "column body": ["text not null", "1ee85a39d1b9d75063fcdc3286539192"], "column author": ["text not null", "1ee85a39d1b9d75063fcdc3286539192"], "column region": ["text not null", "1ee85a39d1b9d75063fcdc3286539192"], "column sent_at": ["timestamp without time zone not null", "06cb4717b0ccefca776dd7000a51c7da"], "column ticket_id": ["bigint not null", "06cb4717b0ccefca776dd7000a51c7da"], "column attachments": ["json not null default", "b2c758bc715042e89e52f15cad43986c"], "constraint ticket_messages_pkey": ["primary key", "4c6419b3704337bbfe50f018842a9ad3"]}', '{tickets,ticket_messages}', '2026-11-27 06:39:48.278634+00'),
	('source', 'poco_export.tickets', '83b5a890e84b8aaf52bcbd64694fa5e8', '{"table": ["view", "a79f8a33bc0c0dcd8e59c98a6f68894c"], "column id": ["bigint", "06cb4717b0ccefca776dd7000a51c7da"], "rule _RETURN": ["rule", "26867a3cd235a1bbbc81d4e9a78f7fd5"], "column market": ["text", "1ee85a39d1b9d75063fcdc3286539192"], "column region": ["text", "1ee85a39d1b9d75063fcdc3286539192"], "column status": ["smallint", "06cb4717b0ccefca776dd7000a51c7da"], "column subject": ["text", "1ee85a39d1b9d75063fcdc3286539192"], "column order_id": ["bigint", "06cb4717b0ccefca776dd7000a51c7da"], "column closed_at": ["timestamp without time zone", "06cb4717b0ccefca776dd7000a51c7da"], "column opened_at": ["timestamp without time zone", "06cb4717b0ccefca776dd7000a51c7da"], "column time_zone": ["text", "1ee85a39d1b9d75063fcdc3286539192"], "column customer_id": ["bigint", "06cb4717b0ccefca776dd7000a51c7da"]}', '{tickets}', '2026-11-27 06:39:48.278634+00'),
	('target', 'mi.case_messages', '2929bcf182db7bfcccb27376698a781d', '{"table": ["table", "8fa14cdd754f91cc6554c9e71929cce7"], "column body": ["text not null", "1ee85a39d1b9d75063fcdc3286539192"], "column author": ["text not null", "1ee85a39d1b9d75063fcdc3286539192"], "column origin": ["text not null default", "3e9868fe35033411d32d88ca61cf1560"], "column case_id": ["bigint not null", "06cb4717b0ccefca776dd7000a51c7da"], "column sent_at": ["timestamp with time zone not null", "06cb4717b0ccefca776dd7000a51c7da"], "column message_id": ["bigint not null identity", "fd450491d7f6a30d6a24440a4a3d08bf"], "column attachments": ["jsonb not null", "06cb4717b0ccefca776dd7000a51c7da"], "constraint case_messages_pkey": ["primary key", "3a97943c84a2bb18bb2406e7f2794647"], "trigger aa_migration_guard_new": ["trigger", "dd67e2b6f9d3ca5c3a17e2d0e3b09aa4"], "trigger aa_migration_guard_old": ["trigger", "3945309e57b543d9919eaae562d30e3a"], "constraint case_messages_author_check": ["check", "63e3c26a69cec8464876a7dc270b47a9"], "constraint case_messages_case_id_fkey": ["foreign key", "7bf346172971643214be0c588d164bf2"], "constraint case_messages_origin_check": ["check", "1c6fb34ff85dbab44f5cdf5dccbdcb96"]}', '{tickets,ticket_messages}', '2026-11-27 06:39:48.278634+00'),
	('source', 'poco_export.returns', 'f51ab12f64c64549a0a0fb4a6854b96f', '{"table": ["view", "a79f8a33bc0c0dcd8e59c98a6f68894c"], "column id": ["bigint", "06cb4717b0ccefca776dd7000a51c7da"], "rule _RETURN": ["rule", "8a00221e13be7b85592345a29e36ca37"], "column market": ["text", "1ee85a39d1b9d75063fcdc3286539192"], "column reason": ["text", "1ee85a39d1b9d75063fcdc3286539192"], "column region": ["text", "1ee85a39d1b9d75063fcdc3286539192"], "column status": ["smallint", "06cb4717b0ccefca776dd7000a51c7da"], "column order_id": ["bigint", "06cb4717b0ccefca776dd7000a51c7da"], "column quantity": ["integer", "06cb4717b0ccefca776dd7000a51c7da"], "column closed_at": ["timestamp without time zone", "06cb4717b0ccefca776dd7000a51c7da"], "column opened_at": ["timestamp without time zone", "06cb4717b0ccefca776dd7000a51c7da"], "column time_zone": ["text", "1ee85a39d1b9d75063fcdc3286539192"], "column order_item_id": ["bigint", "06cb4717b0ccefca776dd7000a51c7da"]}', '{returns}', '2026-11-27 06:39:48.278634+00'),
	('source', 'poco_export.warranty_claims', '15e78f5779a7178e918fa5ecd0211d23', '{"table": ["view", "a79f8a33bc0c0dcd8e59c98a6f68894c"], "column id": ["bigint", "06cb4717b0ccefca776dd7000a51c7da"], "column imei": ["text", "1ee85a39d1b9d75063fcdc3286539192"], "rule _RETURN": ["rule", "24e75a44903f05a41f26e21fe3e27202"], "column market": ["text", "1ee85a39d1b9d75063fcdc3286539192"], "column region": ["text", "1ee85a39d1b9d75063fcdc3286539192"], "column status": ["smallint", "06cb4717b0ccefca776dd7000a51c7da"], "column opened_at": ["timestamp without time zone", "06cb4717b0ccefca776dd7000a51c7da"], "column time_zone": ["text", "1ee85a39d1b9d75063fcdc3286539192"], "column customer_id": ["bigint", "06cb4717b0ccefca776dd7000a51c7da"], "column description": ["text", "1ee85a39d1b9d75063fcdc3286539192"], "column resolved_at": ["timestamp without time zone", "06cb4717b0ccefca776dd7000a51c7da"], "column order_item_id": ["bigint", "06cb4717b0ccefca776dd7000a51c7da"]}', '{warranty_claims}', '2026-11-27 06:39:48.278634+00'),
	('source', 'poco_export.published_payments', 'bc63a37dd241e55d1855fa2a63c1238b', '{"table": ["view", "8fa14cdd754f91cc6554c9e71929cce7"], "column id": ["bigint", "06cb4717b0ccefca776dd7000a51c7da"], "rule _RETURN": ["rule", "0fd67b390b9cc6bb1fc7bb0fc2f462a6"], "column currency": ["character(3)", "1ee85a39d1b9d75063fcdc3286539192"]}', '{refunds}', '2026-11-27 06:39:48.278634+00'),
	('source', 'poco_export.refunds', 'b1ac9051ee8bc01f976e8ea370bb597f', '{"table": ["view", "a79f8a33bc0c0dcd8e59c98a6f68894c"], "column id": ["bigint", "06cb4717b0ccefca776dd7000a51c7da"], "rule _RETURN": ["rule", "7ce480e053594b9ade6a1ad8a7072b06"], "column market": ["text", "1ee85a39d1b9d75063fcdc3286539192"], "column reason": ["text", "1ee85a39d1b9d75063fcdc3286539192"], "column region": ["text", "1ee85a39d1b9d75063fcdc3286539192"], "column status": ["smallint", "06cb4717b0ccefca776dd7000a51c7da"], "column currency": ["character(3)", "1ee85a39d1b9d75063fcdc3286539192"], "column time_zone": ["text", "1ee85a39d1b9d75063fcdc3286539192"], "column payment_id": ["bigint", "06cb4717b0ccefca776dd7000a51c7da"], "column refunded_at": ["timestamp without time zone", "06cb4717b0ccefca776dd7000a51c7da"], "column amount_minor": ["bigint", "06cb4717b0ccefca776dd7000a51c7da"]}', '{refunds}', '2026-11-27 06:39:48.278634+00'),
	('source', 'poco_export.shipment_events', 'dcc1b00d1ea630572846bceaf7e0ca2e', '{"table": ["view", "a79f8a33bc0c0dcd8e59c98a6f68894c"], "column id": ["bigint", "06cb4717b0ccefca776dd7000a51c7da"], "column code": ["text", "1ee85a39d1b9d75063fcdc3286539192"], "rule _RETURN": ["rule", "611f9132c45f67962f122f904fe8597a"], "column market": ["text", "1ee85a39d1b9d75063fcdc3286539192"], "column region": ["text", "1ee85a39d1b9d75063fcdc3286539192"], "column location": ["text", "1ee85a39d1b9d75063fcdc3286539192"], "column time_zone": ["text", "1ee85a39d1b9d75063fcdc3286539192"], "column occurred_at": ["timestamp without time zone", "06cb4717b0ccefca776dd7000a51c7da"], "column sequence_no": ["integer", "06cb4717b0ccefca776dd7000a51c7da"], "column shipment_id": ["bigint", "06cb4717b0ccefca776dd7000a51c7da"]}', '{shipment_events}', '2026-11-27 06:39:48.278634+00'),
	('source', 'poco_export.published_tickets', '923a8f5f37080d007338766eaffbc5cc', '{"table": ["view", "8fa14cdd754f91cc6554c9e71929cce7"], "column id": ["bigint", "06cb4717b0ccefca776dd7000a51c7da"], "rule _RETURN": ["rule", "0fcd93508d9f6eaa6e941ad675a10723"], "column customer_id": ["bigint", "06cb4717b0ccefca776dd7000a51c7da"]}', '{ticket_messages}', '2026-11-27 06:39:48.278634+00'),
	('source', 'poco_export.ticket_messages', 'de59324410b4c4484b56bac327ef0756', '{"table": ["view", "a79f8a33bc0c0dcd8e59c98a6f68894c"], "column id": ["bigint", "06cb4717b0ccefca776dd7000a51c7da"], "column body": ["text", "1ee85a39d1b9d75063fcdc3286539192"], "rule _RETURN": ["rule", "0c481f7a4cbff04ac2f43804431404ce"], "column author": ["text", "1ee85a39d1b9d75063fcdc3286539192"], "column market": ["text", "1ee85a39d1b9d75063fcdc3286539192"], "column region": ["text", "1ee85a39d1b9d75063fcdc3286539192"], "column sent_at": ["timestamp without time zone", "06cb4717b0ccefca776dd7000a51c7da"], "column ticket_id": ["bigint", "06cb4717b0ccefca776dd7000a51c7da"], "column time_zone": ["text", "1ee85a39d1b9d75063fcdc3286539192"], "column attachments": ["json", "06cb4717b0ccefca776dd7000a51c7da"]}', '{ticket_messages}', '2026-11-27 06:39:48.278634+00');


--
-- Data for Name: shutdown_condition; Type: TABLE DATA; Schema: migration; Owner: -
--



--
-- Data for Name: stream; Type: TABLE DATA; Schema: migration; Owner: -
--



--
-- Data for Name: switch_step; Type: TABLE DATA; Schema: migration; Owner: -
--



--
-- Data for Name: system_of_record; Type: TABLE DATA; Schema: migration; Owner: -
--



--
-- Data for Name: tombstone; Type: TABLE DATA; Schema: migration; Owner: -
--



--
-- Data for Name: unproven; Type: TABLE DATA; Schema: migration; Owner: -
--



--
-- Name: archive_archive_id_seq; Type: SEQUENCE SET; Schema: migration; Owner: -
--

SELECT pg_catalog.setval('migration.archive_archive_id_seq', 1, false);


--
-- Name: dirty_seq_seq; Type: SEQUENCE SET; Schema: migration; Owner: -
--

SELECT pg_catalog.setval('migration.dirty_seq_seq', 15, true);


--
-- Name: draft_draft_id_seq; Type: SEQUENCE SET; Schema: migration; Owner: -
--

SELECT pg_catalog.setval('migration.draft_draft_id_seq', 1, false);


--
-- Name: gate_gate_id_seq; Type: SEQUENCE SET; Schema: migration; Owner: -
--

SELECT pg_catalog.setval('migration.gate_gate_id_seq', 1, false);


--
-- Name: object_object_no_seq; Type: SEQUENCE SET; Schema: migration; Owner: -
--

SELECT pg_catalog.setval('migration.object_object_no_seq', 1, false);


--
-- Name: receipt_receipt_id_seq; Type: SEQUENCE SET; Schema: migration; Owner: -
--

SELECT pg_catalog.setval('migration.receipt_receipt_id_seq', 14, true);


--
-- Name: switch_step_step_id_seq; Type: SEQUENCE SET; Schema: migration; Owner: -
--

SELECT pg_catalog.setval('migration.switch_step_step_id_seq', 1, false);


--
-- Name: unproven_seq_seq; Type: SEQUENCE SET; Schema: migration; Owner: -
--

SELECT pg_catalog.setval('migration.unproven_seq_seq', 1, false);


--
-- Name: aftercheck aftercheck_pkey; Type: CONSTRAINT; Schema: migration; Owner: -
--

ALTER TABLE ONLY migration.aftercheck
    ADD CONSTRAINT aftercheck_pkey PRIMARY KEY (run, name, subject);


--
-- Name: alert alert_pkey; Type: CONSTRAINT; Schema: migration; Owner: -
--

ALTER TABLE ONLY migration.alert
    ADD CONSTRAINT alert_pkey PRIMARY KEY (stage, kind, due, before_hours);


--
-- Name: approval approval_pkey; Type: CONSTRAINT; Schema: migration; Owner: -
--

ALTER TABLE ONLY migration.approval
    ADD CONSTRAINT approval_pkey PRIMARY KEY (stage, run, subject, approver);


--
-- Name: archive_file archive_file_pkey; Type: CONSTRAINT; Schema: migration; Owner: -
--

ALTER TABLE ONLY migration.archive_file
    ADD CONSTRAINT archive_file_pkey PRIMARY KEY (run, entity, region);


--
-- Name: archive archive_pkey; Type: CONSTRAINT; Schema: migration; Owner: -
--

ALTER TABLE ONLY migration.archive
    ADD CONSTRAINT archive_pkey PRIMARY KEY (archive_id);


--
-- Name: archive_restored archive_restored_pkey; Type: CONSTRAINT; Schema: migration; Owner: -
--

ALTER TABLE ONLY migration.archive_restored
    ADD CONSTRAINT archive_restored_pkey PRIMARY KEY (run, entity, region);


--
-- Name: attempt attempt_pkey; Type: CONSTRAINT; Schema: migration; Owner: -
--

ALTER TABLE ONLY migration.attempt
    ADD CONSTRAINT attempt_pkey PRIMARY KEY (only_one);


--
-- Name: backlog backlog_pkey; Type: CONSTRAINT; Schema: migration; Owner: -
--

ALTER TABLE ONLY migration.backlog
    ADD CONSTRAINT backlog_pkey PRIMARY KEY (slot, measured_at);


--
-- Name: certificate certificate_pkey; Type: CONSTRAINT; Schema: migration; Owner: -
--

ALTER TABLE ONLY migration.certificate
    ADD CONSTRAINT certificate_pkey PRIMARY KEY (sequence);


--
-- Name: certificate certificate_sha256_key; Type: CONSTRAINT; Schema: migration; Owner: -
--

ALTER TABLE ONLY migration.certificate
    ADD CONSTRAINT certificate_sha256_key UNIQUE (sha256);


--
-- Name: control_total control_total_pkey; Type: CONSTRAINT; Schema: migration; Owner: -
--

ALTER TABLE ONLY migration.control_total
    ADD CONSTRAINT control_total_pkey PRIMARY KEY (run, total, region, bucket);


--
-- Name: coupon_freeze coupon_freeze_pkey; Type: CONSTRAINT; Schema: migration; Owner: -
--

ALTER TABLE ONLY migration.coupon_freeze
    ADD CONSTRAINT coupon_freeze_pkey PRIMARY KEY (coupon_id);


--
-- Name: coupon_reissue coupon_reissue_pkey; Type: CONSTRAINT; Schema: migration; Owner: -
--

ALTER TABLE ONLY migration.coupon_reissue
    ADD CONSTRAINT coupon_reissue_pkey PRIMARY KEY (coupon_id);


--
-- Name: coupon_reissue coupon_reissue_reissue_id_key; Type: CONSTRAINT; Schema: migration; Owner: -
--

ALTER TABLE ONLY migration.coupon_reissue
    ADD CONSTRAINT coupon_reissue_reissue_id_key UNIQUE (reissue_id);


--
-- Name: difference_part difference_part_pkey; Type: CONSTRAINT; Schema: migration; Owner: -
--

ALTER TABLE ONLY migration.difference_part
    ADD CONSTRAINT difference_part_pkey PRIMARY KEY (run, entity, part_no);


--
-- Name: difference difference_pkey; Type: CONSTRAINT; Schema: migration; Owner: -
--

ALTER TABLE ONLY migration.difference
    ADD CONSTRAINT difference_pkey PRIMARY KEY (run, entity, target_key);


--
-- Name: dirty dirty_pkey; Type: CONSTRAINT; Schema: migration; Owner: -
--

ALTER TABLE ONLY migration.dirty
    ADD CONSTRAINT dirty_pkey PRIMARY KEY (entity, source_key, seq);


--
-- Name: draft draft_pkey; Type: CONSTRAINT; Schema: migration; Owner: -
--

ALTER TABLE ONLY migration.draft
    ADD CONSTRAINT draft_pkey PRIMARY KEY (draft_id);


--
-- Name: erasure erasure_pkey; Type: CONSTRAINT; Schema: migration; Owner: -
--

ALTER TABLE ONLY migration.erasure
    ADD CONSTRAINT erasure_pkey PRIMARY KEY (customer);


--
-- Name: forecast_outcome forecast_outcome_pkey; Type: CONSTRAINT; Schema: migration; Owner: -
--

ALTER TABLE ONLY migration.forecast_outcome
    ADD CONSTRAINT forecast_outcome_pkey PRIMARY KEY (run, entity);


--
-- Name: forecast forecast_pkey; Type: CONSTRAINT; Schema: migration; Owner: -
--

ALTER TABLE ONLY migration.forecast
    ADD CONSTRAINT forecast_pkey PRIMARY KEY (run, entity);


--
-- Name: gate gate_pkey; Type: CONSTRAINT; Schema: migration; Owner: -
--

ALTER TABLE ONLY migration.gate
    ADD CONSTRAINT gate_pkey PRIMARY KEY (gate_id);


--
-- Name: leaving leaving_pkey; Type: CONSTRAINT; Schema: migration; Owner: -
--

ALTER TABLE ONLY migration.leaving
    ADD CONSTRAINT leaving_pkey PRIMARY KEY (entity, source_key);


--
-- Name: left_out left_out_pkey; Type: CONSTRAINT; Schema: migration; Owner: -
--

ALTER TABLE ONLY migration.left_out
    ADD CONSTRAINT left_out_pkey PRIMARY KEY (entity, source_key);


--
-- Name: liability liability_pkey; Type: CONSTRAINT; Schema: migration; Owner: -
--

ALTER TABLE ONLY migration.liability
    ADD CONSTRAINT liability_pkey PRIMARY KEY (run, region, currency, kind, audience, line);


--
-- Name: not_returned not_returned_pkey; Type: CONSTRAINT; Schema: migration; Owner: -
--

ALTER TABLE ONLY migration.not_returned
    ADD CONSTRAINT not_returned_pkey PRIMARY KEY (entity, target_key);


--
-- Name: notice notice_pkey; Type: CONSTRAINT; Schema: migration; Owner: -
--

ALTER TABLE ONLY migration.notice
    ADD CONSTRAINT notice_pkey PRIMARY KEY (run, region);


--
-- Name: object object_pkey; Type: CONSTRAINT; Schema: migration; Owner: -
--

ALTER TABLE ONLY migration.object
    ADD CONSTRAINT object_pkey PRIMARY KEY (object_no);


--
-- Name: object_recon object_recon_pkey; Type: CONSTRAINT; Schema: migration; Owner: -
--

ALTER TABLE ONLY migration.object_recon
    ADD CONSTRAINT object_recon_pkey PRIMARY KEY (run, region);


--
-- Name: object object_target_object_key; Type: CONSTRAINT; Schema: migration; Owner: -
--

ALTER TABLE ONLY migration.object
    ADD CONSTRAINT object_target_object_key UNIQUE (target_object);


--
-- Name: part part_pkey; Type: CONSTRAINT; Schema: migration; Owner: -
--

ALTER TABLE ONLY migration.part
    ADD CONSTRAINT part_pkey PRIMARY KEY (entity, part_no);


--
-- Name: person_key person_key_pkey; Type: CONSTRAINT; Schema: migration; Owner: -
--

ALTER TABLE ONLY migration.person_key
    ADD CONSTRAINT person_key_pkey PRIMARY KEY (customer);


--
-- Name: personal_export personal_export_pkey; Type: CONSTRAINT; Schema: migration; Owner: -
--

ALTER TABLE ONLY migration.personal_export
    ADD CONSTRAINT personal_export_pkey PRIMARY KEY (object);


--
-- Name: points_remainder points_remainder_pkey; Type: CONSTRAINT; Schema: migration; Owner: -
--

ALTER TABLE ONLY migration.points_remainder
    ADD CONSTRAINT points_remainder_pkey PRIMARY KEY (entry_id);


--
-- Name: presence presence_pkey; Type: CONSTRAINT; Schema: migration; Owner: -
--

ALTER TABLE ONLY migration.presence
    ADD CONSTRAINT presence_pkey PRIMARY KEY (run, entity, region);


--
-- Name: quarantine quarantine_pkey; Type: CONSTRAINT; Schema: migration; Owner: -
--

ALTER TABLE ONLY migration.quarantine
    ADD CONSTRAINT quarantine_pkey PRIMARY KEY (entity, source_key);


--
-- Name: quiet quiet_pkey; Type: CONSTRAINT; Schema: migration; Owner: -
--

ALTER TABLE ONLY migration.quiet
    ADD CONSTRAINT quiet_pkey PRIMARY KEY (look, entity, region);


--
-- Name: readiness readiness_pkey; Type: CONSTRAINT; Schema: migration; Owner: -
--

ALTER TABLE ONLY migration.readiness
    ADD CONSTRAINT readiness_pkey PRIMARY KEY (run, region, check_name);


--
-- Name: reason_owner reason_owner_pkey; Type: CONSTRAINT; Schema: migration; Owner: -
--

ALTER TABLE ONLY migration.reason_owner
    ADD CONSTRAINT reason_owner_pkey PRIMARY KEY (reason);


--
-- Name: receipt receipt_pkey; Type: CONSTRAINT; Schema: migration; Owner: -
--

ALTER TABLE ONLY migration.receipt
    ADD CONSTRAINT receipt_pkey PRIMARY KEY (receipt_id);


--
-- Name: recon recon_pkey; Type: CONSTRAINT; Schema: migration; Owner: -
--

ALTER TABLE ONLY migration.recon
    ADD CONSTRAINT recon_pkey PRIMARY KEY (run, entity, region);


--
-- Name: redirect_check redirect_check_pkey; Type: CONSTRAINT; Schema: migration; Owner: -
--

ALTER TABLE ONLY migration.redirect_check
    ADD CONSTRAINT redirect_check_pkey PRIMARY KEY (run, region, origin);


--
-- Name: redirect_failure redirect_failure_pkey; Type: CONSTRAINT; Schema: migration; Owner: -
--

ALTER TABLE ONLY migration.redirect_failure
    ADD CONSTRAINT redirect_failure_pkey PRIMARY KEY (run, problem, stands);


--
-- Name: redirect_shadow redirect_shadow_pkey; Type: CONSTRAINT; Schema: migration; Owner: -
--

ALTER TABLE ONLY migration.redirect_shadow
    ADD CONSTRAINT redirect_shadow_pkey PRIMARY KEY (run, page);


--
-- Name: redirect_version redirect_version_pkey; Type: CONSTRAINT; Schema: migration; Owner: -
--

ALTER TABLE ONLY migration.redirect_version
    ADD CONSTRAINT redirect_version_pkey PRIMARY KEY (version);


--
-- Name: remains remains_pkey; Type: CONSTRAINT; Schema: migration; Owner: -
--

ALTER TABLE ONLY migration.remains
    ADD CONSTRAINT remains_pkey PRIMARY KEY (run, what, region);


--
-- Name: return_key return_key_pkey; Type: CONSTRAINT; Schema: migration; Owner: -
--

ALTER TABLE ONLY migration.return_key
    ADD CONSTRAINT return_key_pkey PRIMARY KEY (run, entity, target_key);


--
-- Name: returned returned_pkey; Type: CONSTRAINT; Schema: migration; Owner: -
--

ALTER TABLE ONLY migration.returned
    ADD CONSTRAINT returned_pkey PRIMARY KEY (run, entity, region, kind);


--
-- Name: rollback_rehearsal rollback_rehearsal_pkey; Type: CONSTRAINT; Schema: migration; Owner: -
--

ALTER TABLE ONLY migration.rollback_rehearsal
    ADD CONSTRAINT rollback_rehearsal_pkey PRIMARY KEY (run, entity, region);


--
-- Name: scope scope_market_key; Type: CONSTRAINT; Schema: migration; Owner: -
--

ALTER TABLE ONLY migration.scope
    ADD CONSTRAINT scope_market_key UNIQUE (market);


--
-- Name: scope scope_pkey; Type: CONSTRAINT; Schema: migration; Owner: -
--

ALTER TABLE ONLY migration.scope
    ADD CONSTRAINT scope_pkey PRIMARY KEY (region);


--
-- Name: shape shape_pkey; Type: CONSTRAINT; Schema: migration; Owner: -
--

ALTER TABLE ONLY migration.shape
    ADD CONSTRAINT shape_pkey PRIMARY KEY (side, table_name);


--
-- Name: shutdown_condition shutdown_condition_pkey; Type: CONSTRAINT; Schema: migration; Owner: -
--

ALTER TABLE ONLY migration.shutdown_condition
    ADD CONSTRAINT shutdown_condition_pkey PRIMARY KEY (run, name);


--
-- Name: stream stream_pkey; Type: CONSTRAINT; Schema: migration; Owner: -
--

ALTER TABLE ONLY migration.stream
    ADD CONSTRAINT stream_pkey PRIMARY KEY (slot);


--
-- Name: switch_step switch_step_pkey; Type: CONSTRAINT; Schema: migration; Owner: -
--

ALTER TABLE ONLY migration.switch_step
    ADD CONSTRAINT switch_step_pkey PRIMARY KEY (step_id);


--
-- Name: system_of_record system_of_record_pkey; Type: CONSTRAINT; Schema: migration; Owner: -
--

ALTER TABLE ONLY migration.system_of_record
    ADD CONSTRAINT system_of_record_pkey PRIMARY KEY (entity, region);


--
-- Name: tombstone tombstone_pkey; Type: CONSTRAINT; Schema: migration; Owner: -
--

ALTER TABLE ONLY migration.tombstone
    ADD CONSTRAINT tombstone_pkey PRIMARY KEY (subject);


--
-- Name: unproven unproven_pkey; Type: CONSTRAINT; Schema: migration; Owner: -
--

ALTER TABLE ONLY migration.unproven
    ADD CONSTRAINT unproven_pkey PRIMARY KEY (seq);


--
-- Name: archive_file_object; Type: INDEX; Schema: migration; Owner: -
--

CREATE INDEX archive_file_object ON migration.archive_file USING btree (object_key);


--
-- Name: certificate_stage; Type: INDEX; Schema: migration; Owner: -
--

CREATE INDEX certificate_stage ON migration.certificate USING btree (stage, sequence DESC);


--
-- Name: difference_open; Type: INDEX; Schema: migration; Owner: -
--

CREATE INDEX difference_open ON migration.difference USING btree (run, entity, source_key) WHERE (repaired_at IS NULL);


--
-- Name: draft_newest; Type: INDEX; Schema: migration; Owner: -
--

CREATE INDEX draft_newest ON migration.draft USING btree (stage, run, draft_id DESC);


--
-- Name: not_returned_open; Type: INDEX; Schema: migration; Owner: -
--

CREATE INDEX not_returned_open ON migration.not_returned USING btree (entity, source_key) WHERE (resolved_at IS NULL);


--
-- Name: object_open; Type: INDEX; Schema: migration; Owner: -
--

CREATE INDEX object_open ON migration.object USING btree (object_no) WHERE (named AND (sha256 IS NULL));


--
-- Name: quarantine_open; Type: INDEX; Schema: migration; Owner: -
--

CREATE INDEX quarantine_open ON migration.quarantine USING btree (entity, region, reason) WHERE (resolved_at IS NULL);


--
-- Name: receipt_entity; Type: INDEX; Schema: migration; Owner: -
--

CREATE INDEX receipt_entity ON migration.receipt USING btree (entity, receipt_id);


--
-- Name: switch_step_run; Type: INDEX; Schema: migration; Owner: -
--

CREATE INDEX switch_step_run ON migration.switch_step USING btree (run, step_id);


--
-- Name: system_of_record_owner; Type: INDEX; Schema: migration; Owner: -
--

CREATE UNIQUE INDEX system_of_record_owner ON migration.system_of_record USING btree (entity, region, owner);


--
-- Name: unproven_entity; Type: INDEX; Schema: migration; Owner: -
--

CREATE INDEX unproven_entity ON migration.unproven USING btree (entity, seq);


--
-- Name: certificate certificate_previous_fkey; Type: FK CONSTRAINT; Schema: migration; Owner: -
--

ALTER TABLE ONLY migration.certificate
    ADD CONSTRAINT certificate_previous_fkey FOREIGN KEY (previous) REFERENCES migration.certificate(sha256);


--
-- PostgreSQL database dump complete
--


