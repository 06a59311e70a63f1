/**
 * Rows survive a power cut once an insert resolved, and an insert repeated with its token adds nothing. The window spans
 * more inserts than a busy cluster makes while a killed worker's partitions find a new owner.
 */
const durable = `non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1`

/** Where a row's record stands in the log; `raw` is the record's exact bytes. */
const place = `
    log_partition UInt16,
    log_offset UInt64,
    appended_at DateTime64(3, 'UTC')`

/** The day inside a UUIDv7; 1970-01-01 for other ids. The same for an access and its verdict, whatever their clocks said. */
const dayOf = (id: string): string =>
  `Date MATERIALIZED toDate(ifNull(UUIDv7ToDateTime(toUUIDOrNull(${id}), 'UTC'), toDateTime64(0, 3, 'UTC')), 'UTC')`

/**
 * One column for each field of AccessEvent, under its name. An absent text is '' (no field may be empty where that would
 * differ), an absent list is [], an absent number or flag is NULL. Sorted for "this period" first, then "this person in it";
 * a customer, an address or an id is found by its skip index.
 */
const accessEvents = `CREATE TABLE IF NOT EXISTS access_events (
    id String,
    v UInt8,
    time DateTime64(3, 'UTC') CODEC(DoubleDelta, ZSTD),
    source LowCardinality(String),
    actor String,
    actor_role LowCardinality(String),
    team LowCardinality(String),
    branch LowCardinality(String),
    action LowCardinality(String),
    outcome LowCardinality(String),
    reason String,
    subject String,
    customer_id String,
    record_id String,
    record_ids Array(String),
    fields Array(LowCardinality(String)),
    count Nullable(UInt64),
    bytes Nullable(UInt64),
    purpose LowCardinality(String),
    approval_id String,
    part_of String,
    ip String,
    country LowCardinality(String),
    city LowCardinality(String),
    asn Nullable(Int64),
    device String,
    user_agent String CODEC(ZSTD),
    session String,
    factor LowCardinality(String),
    off_hours Nullable(Bool),
    workday Nullable(Bool),
    calendar LowCardinality(String),
    new_device Nullable(Bool),
    relation LowCardinality(String),
    amount Nullable(Float64),
    demo Nullable(Bool),
    request_id String,
    writer LowCardinality(String),
    seq Nullable(UInt64),
    prev String,
    ${place},
    raw String CODEC(ZSTD),
    id_day ${dayOf('id')},
    INDEX by_id id TYPE bloom_filter GRANULARITY 1,
    INDEX by_actor actor TYPE bloom_filter GRANULARITY 1,
    INDEX by_customer customer_id TYPE bloom_filter GRANULARITY 1,
    INDEX by_ip ip TYPE bloom_filter GRANULARITY 1
  )
  ENGINE = ReplacingMergeTree
  PARTITION BY toYYYYMM(time)
  ORDER BY (toStartOfHour(time), actor, time, id)
  SETTINGS ${durable}`

const verdicts = `CREATE TABLE IF NOT EXISTS verdicts (
    event_id String,
    verdict LowCardinality(String),
    actor String,
    rule LowCardinality(String),
    rule_version LowCardinality(String),
    limit_n Nullable(Float64),
    time DateTime64(3, 'UTC'),
    ${place},
    raw String CODEC(ZSTD),
    event_day ${dayOf('event_id')}
  )
  ENGINE = MergeTree
  PARTITION BY toYYYYMM(time)
  ORDER BY (event_day, event_id)
  SETTINGS ${durable}`

/** What detection raised; the same alert raised again after a crash is the same row. */
const alerts = `CREATE TABLE IF NOT EXISTS alerts (
    id String,
    time DateTime64(3, 'UTC'),
    rule LowCardinality(String),
    rule_version LowCardinality(String),
    title String,
    text_en String,
    text_zh String,
    severity LowCardinality(String),
    mode LowCardinality(String),
    group_json String,
    actor String,
    source LowCardinality(String),
    value Float64,
    limit_n Nullable(Float64),
    window_seconds Nullable(UInt64),
    event_id String,
    evidence Array(String),
    evidence_total UInt64,
    respond_json String,
    may_freeze Bool,
    late Nullable(Bool),
    demo Nullable(Bool),
    ${place},
    raw String CODEC(ZSTD),
    INDEX by_id id TYPE bloom_filter GRANULARITY 1,
    INDEX by_actor actor TYPE bloom_filter GRANULARITY 1
  )
  ENGINE = ReplacingMergeTree
  PARTITION BY toYYYYMM(time)
  ORDER BY (time, id)
  SETTINGS ${durable}`

/** Keyed by the place of the record nobody could use: read with FINAL, a step that gave up twice is one row. */
const deadLetters = `CREATE TABLE IF NOT EXISTS dead_letters (
    topic LowCardinality(String),
    partition UInt16,
    offset UInt64,
    step LowCardinality(String),
    reason String,
    value_base64 String CODEC(ZSTD),
    time DateTime64(3, 'UTC'),
    ${place},
    raw String CODEC(ZSTD)
  )
  ENGINE = ReplacingMergeTree
  ORDER BY (topic, partition, offset, step)
  SETTINGS ${durable}`

/** For the charts: accesses per minute. Outcomes as they were appended, so `held` is one of them. */
const minutes = `CREATE TABLE IF NOT EXISTS accesses_per_minute (
    minute DateTime('UTC'),
    source LowCardinality(String),
    action LowCardinality(String),
    outcome LowCardinality(String),
    accesses UInt64
  )
  ENGINE = SummingMergeTree
  PARTITION BY toYYYYMM(minute)
  ORDER BY (minute, source, action, outcome)
  SETTINGS ${durable}`

const minutesView = `CREATE MATERIALIZED VIEW IF NOT EXISTS accesses_per_minute_mv TO accesses_per_minute AS
  SELECT toStartOfMinute(time) AS minute, source, action, outcome, count() AS accesses
  FROM access_events GROUP BY minute, source, action, outcome`

export const tables = [accessEvents, verdicts, alerts, deadLetters, minutes, minutesView]
