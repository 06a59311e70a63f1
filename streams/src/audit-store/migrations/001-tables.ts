import { createMaterializedView, createTable, type Change, type Table } from '../schema/changes.js'

/** Where a row's record stands in the log; `raw` is the record's exact bytes. */
const place = {
  log_partition: 'UInt16',
  log_offset: 'UInt64',
  appended_at: `DateTime64(3, 'UTC')`,
  raw: 'String CODEC(ZSTD)',
}

/** The day inside a UUIDv7; 1970-01-01 for other ids. The same for an access and its verdict, whatever their clocks said. */
const dayOf = (id: string): string =>
  `Date MATERIALIZED toDate(ifNull(UUIDv7ToDateTime(toUUIDOrNull(${id}), 'UTC'), toDateTime64(0, 3, 'UTC')), 'UTC')`

/**
 * One column for each field of AccessEvent, under its name. An absent text is '' (no field may be empty where that would
 * differ), an absent list is [], an absent number or flag is NULL. Sorted for "this period" first, then "this person in it";
 * a customer, an address or an id is found by its skip index.
 */
export const accessEvents: Table = {
  name: 'access_events',
  columns: {
    id: 'String',
    v: 'UInt8',
    time: `DateTime64(3, 'UTC') CODEC(DoubleDelta, ZSTD)`,
    source: 'LowCardinality(String)',
    actor: 'String',
    actor_role: 'LowCardinality(String)',
    team: 'LowCardinality(String)',
    branch: 'LowCardinality(String)',
    action: 'LowCardinality(String)',
    outcome: 'LowCardinality(String)',
    reason: 'String',
    subject: 'String',
    customer_id: 'String',
    record_id: 'String',
    record_ids: 'Array(String)',
    fields: 'Array(LowCardinality(String))',
    count: 'Nullable(UInt64)',
    bytes: 'Nullable(UInt64)',
    purpose: 'LowCardinality(String)',
    approval_id: 'String',
    part_of: 'String',
    ip: 'String',
    country: 'LowCardinality(String)',
    city: 'LowCardinality(String)',
    asn: 'Nullable(Int64)',
    device: 'String',
    user_agent: 'String CODEC(ZSTD)',
    session: 'String',
    factor: 'LowCardinality(String)',
    off_hours: 'Nullable(Bool)',
    workday: 'Nullable(Bool)',
    calendar: 'LowCardinality(String)',
    new_device: 'Nullable(Bool)',
    relation: 'LowCardinality(String)',
    amount: 'Nullable(Float64)',
    demo: 'Nullable(Bool)',
    request_id: 'String',
    writer: 'LowCardinality(String)',
    seq: 'Nullable(UInt64)',
    prev: 'String',
    ...place,
    id_day: dayOf('id'),
  },
  indexes: {
    by_id: 'id TYPE bloom_filter GRANULARITY 1',
    by_actor: 'actor TYPE bloom_filter GRANULARITY 1',
    by_customer: 'customer_id TYPE bloom_filter GRANULARITY 1',
    by_ip: 'ip TYPE bloom_filter GRANULARITY 1',
  },
  engine: 'ReplacingMergeTree',
  partition: 'toYYYYMM(time)',
  order: '(toStartOfHour(time), actor, time, id)',
}

export const verdicts: Table = {
  name: 'verdicts',
  columns: {
    event_id: 'String',
    verdict: 'LowCardinality(String)',
    actor: 'String',
    rule: 'LowCardinality(String)',
    rule_version: 'LowCardinality(String)',
    limit_n: 'Nullable(Float64)',
    time: `DateTime64(3, 'UTC')`,
    ...place,
    event_day: dayOf('event_id'),
  },
  engine: 'MergeTree',
  partition: 'toYYYYMM(time)',
  order: '(event_day, event_id)',
}

/** What detection raised; the same alert raised again after a crash is the same row. */
export const alerts: Table = {
  name: 'alerts',
  columns: {
    id: 'String',
    time: `DateTime64(3, 'UTC')`,
    rule: 'LowCardinality(String)',
    rule_version: 'LowCardinality(String)',
    title: 'String',
    text_en: 'String',
    text_zh: 'String',
    severity: 'LowCardinality(String)',
    mode: 'LowCardinality(String)',
    group_json: 'String',
    actor: 'String',
    source: 'LowCardinality(String)',
    value: 'Float64',
    limit_n: 'Nullable(Float64)',
    window_seconds: 'Nullable(UInt64)',
    event_id: 'String',
    evidence: 'Array(String)',
    evidence_total: 'UInt64',
    respond_json: 'String',
    may_freeze: 'Bool',
    late: 'Nullable(Bool)',
    demo: 'Nullable(Bool)',
    ...place,
  },
  indexes: {
    by_id: 'id TYPE bloom_filter GRANULARITY 1',
    by_actor: 'actor TYPE bloom_filter GRANULARITY 1',
  },
  engine: 'ReplacingMergeTree',
  partition: 'toYYYYMM(time)',
  order: '(time, id)',
}

/** Keyed by the place of the record nobody could use: read with FINAL, a step that gave up twice is one row. */
const deadLetters: Table = {
  name: 'dead_letters',
  columns: {
    topic: 'LowCardinality(String)',
    partition: 'UInt16',
    offset: 'UInt64',
    step: 'LowCardinality(String)',
    reason: 'String',
    value_base64: 'String CODEC(ZSTD)',
    time: `DateTime64(3, 'UTC')`,
    ...place,
  },
  engine: 'ReplacingMergeTree',
  order: '(topic, partition, offset, step)',
}

/** For the charts: accesses per minute. Outcomes as they were appended, so `held` is one of them. */
const minutes: Table = {
  name: 'accesses_per_minute',
  columns: {
    minute: `DateTime('UTC')`,
    source: 'LowCardinality(String)',
    action: 'LowCardinality(String)',
    outcome: 'LowCardinality(String)',
    accesses: 'UInt64',
  },
  engine: 'SummingMergeTree',
  partition: 'toYYYYMM(minute)',
  order: '(minute, source, action, outcome)',
}

const minutesView = {
  name: 'accesses_per_minute_mv',
  from: 'access_events',
  to: 'accesses_per_minute',
  select: (events: string) => `SELECT toStartOfMinute(time) AS minute, source, action, outcome, count() AS accesses
  FROM ${events} GROUP BY minute, source, action, outcome`,
}

export const tables: readonly Change[] = [
  ...[accessEvents, verdicts, alerts, deadLetters, minutes].map(createTable),
  createMaterializedView(minutesView),
]
