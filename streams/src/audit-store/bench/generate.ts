/**
 * Realistic events, made by the engine itself: 90 days of 400 people (few of them busy) with 20,000 customers, nearly all of
 * it in working hours of Shanghai, in the order of time, by three writers, in the fields and the shape that the gateway gives
 * them. The same numbers give the same events.
 */
const hash = (salt: string, of = 'n'): string => `sipHash64(${of}, '${salt}')`
/** uniform in [0, 1) */
const chance = (salt: string, of = 'n'): string => `(${hash(salt, of)} % 1000003 / 1000003)`
const uuid = (salt: string, of: string): string => `toString(reinterpretAsUUID(sipHash128(${of}, '${salt}')))`
const pick = (values: readonly string[], salt: string, of = 'n'): string =>
  `[${values.map((value) => `'${value}'`).join(', ')}][1 + ${hash(salt, of)} % ${values.length}]`

/** action → its share in thousandths; the last takes the rest */
const shares: readonly (readonly [string, number])[] = [
  ['view', 450],
  ['search', 220],
  ['photo_thumbnail', 100],
  ['list', 80],
  ['photo_view', 70],
  ['reveal', 40],
  ['photo_download', 10],
  ['sign_in', 20],
  ['update', 10],
]
const action = (): string => {
  let upTo = 0
  const arms = shares.slice(0, -1).map(([name, share]) => `r < ${(upTo += share)}, '${name}'`)
  return `multiIf(${arms.join(', ')}, '${shares.at(-1)?.[0]}')`
}

export const days = 90
export const lastDay = '2026-03-31'
export const people = 400
export const customers = 20_000
/** the id of the nth of them, in SQL */
export const actorId = (nth: string): string => uuid('actor', `toUInt64(${nth})`)
export const customerId = (nth: string): string => uuid('customer', `toUInt64(${nth})`)

const json = (key: string, value: string): string => `'"${key}":"', ${value}, '",'`
const jsonIf = (key: string, value: string): string => `if(${value} = '', '', concat(${json(key, value)}))`
const jsonList = (key: string, value: string): string =>
  `if(empty(${value}), '', concat('"${key}":', toJSONString(${value}), ','))`

const raw = `concat('{', ${json('id', 'id')}, '"v":1,', ${json('time', 'iso')}, ${json('source', 'source')}, ${json('action', 'action')},
  ${json('outcome', 'outcome')}, ${json('actor', 'actor')}, ${json('actor_role', 'actor_role')}, ${json('team', 'team')}, ${json('branch', 'branch')},
  ${json('session', 'session')}, ${json('ip', 'ip')}, ${json('device', 'device')}, ${json('user_agent', 'user_agent')}, ${json('request_id', 'request_id')},
  '"workday":', if(workday, 'true', 'false'), ',"off_hours":', if(off_hours, 'true', 'false'), ',', ${json('calendar', 'calendar')}, ${json('country', 'country')},
  ${jsonIf('reason', 'reason')}, ${jsonIf('customer_id', 'customer_id')}, ${jsonList('record_ids', 'record_ids')}, ${jsonList('fields', 'fields')}, ${jsonIf('purpose', 'purpose')},
  ${json('writer', 'writer')}, '"seq":', toString(seq), ',"prev":"', prev, '"}')`

const event = `
  n, 1 AS v, toDateTime64('${lastDay} 00:00:00', 3, 'UTC') - toIntervalDay(${days} - 1 - day) + toIntervalMillisecond(ms) AS time,
  formatDateTime(time, '%Y-%m-%dT%H:%i:%S', 'UTC') || '.' || leftPad(toString(toUnixTimestamp64Milli(time) % 1000), 3, '0') || 'Z' AS iso,
  concat(leftPad(hex(toUnixTimestamp64Milli(time)), 12, '0'), hex(${hash('id1')}), hex(${hash('id2')}), '0123456789') AS h,
  lower(concat(substring(h, 1, 8), '-', substring(h, 9, 4), '-7', substring(h, 13, 3), '-8', substring(h, 16, 3), '-', substring(h, 19, 12))) AS id,
  'custodia' AS source, who, ${actorId('who')} AS actor, ${pick(['staff', 'staff', 'staff', 'staff', 'staff', 'staff', 'manager', 'analyst', 'auditor'], 'role', 'who')} AS actor_role,
  ${pick(['service', 'finance', 'sales'], 'team', 'who')} AS team, ${pick(['shanghai', 'beijing', 'shenzhen', 'chengdu'], 'branch', 'who')} AS branch,
  ${hash('action')} % 1000 AS r, ${action()} AS action,
  multiIf(${hash('refused')} % 100 < 2, 'refused', action IN ('photo_view', 'reveal', 'photo_download'), 'held', 'granted') AS outcome,
  if(outcome = 'refused', ${pick(['not_own_customer', 'purpose_missing', 'consent_missing'], 'reason')}, '') AS reason,
  action NOT IN ('search', 'list', 'sign_in') AS about_one,
  if(about_one, ${customerId(`floor(pow(${chance('customer')}, 1.5) * ${customers})`)}, '') AS customer_id,
  if(action IN ('search', 'list'), arrayMap(i -> ${customerId(`sipHash64(n, i) % ${customers}`)}, range(1 + ${hash('found')} % 12)), []) AS record_ids,
  if(action IN ('view', 'reveal', 'update'), ['name', 'phone', 'id_number', 'address'], []) AS fields,
  if(about_one, ${pick(['support', 'support', 'support', 'onboarding', 'billing', 'complaint'], 'purpose')}, '') AS purpose,
  concat('10.', toString(who % 8), '.', toString(intDiv(who, 8) % 250), '.', toString(${hash('ip', 'who')} % 250)) AS ip, 'CN' AS country,
  lower(hex(sipHash128(who, 'device'))) AS device,
  ${pick(
    [
      'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/146.0.0.0 Safari/537.36',
      'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/147.0.0.0 Safari/537.36 Edg/147.0.0.0',
      'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/20.0 Safari/605.1.15',
    ],
    'agent',
    'who',
  )} AS user_agent,
  lower(hex(sipHash64(who, day, 'session'))) AS session, toHour(time) NOT BETWEEN 1 AND 9 AS off_hours, toDayOfWeek(time) < 6 AS workday, '2026.1' AS calendar,
  ${uuid('request', 'n')} AS request_id, ${pick(['gateway-1-a83f', 'gateway-2-90bc', 'gateway-3-11de'], 'writer')} AS writer, intDiv(n, 3) AS seq,
  lower(hex(SHA256(toString(n)))) AS prev,
  toUInt16(sipHash64(actor) % 6) AS log_partition, n AS log_offset, time + toIntervalMillisecond(2 + ${hash('lag')} % 8) AS appended_at`

/** Events `first` … `first + count - 1` of `total`, as a SELECT. */
export const eventsSql = ({ first, count, total }: { first: number; count: number; total: number }): string => `
  WITH intDiv(n * ${days}, ${total}) AS day, (n * ${days} % ${total}) / ${total} AS p,
    toUInt64(3600000 * multiIf(p < 0.04, p / 0.04, p < 0.96, 1 + (p - 0.04) / 0.92 * 9, 10 + (p - 0.96) / 0.04 * 14)) AS ms,
    toUInt64(floor(pow(${chance('who')}, 2) * ${people})) AS who
  SELECT *, ${raw} AS raw FROM (SELECT ${event} FROM (SELECT number AS n FROM numbers(${first}, ${count})))`

/** The columns of access_events that the events fill. */
export const filled = `id, v, time, source, actor, actor_role, team, branch, action, outcome, reason, customer_id, record_ids, fields, purpose,
  ip, country, device, user_agent, session, off_hours, workday, calendar, request_id, writer, seq, prev, log_partition, log_offset, appended_at, raw`

/** The verdict on each held access: 2 % refused, the rest allowed. */
export const verdictsSql = (from: string): string => `
  SELECT id AS event_id, if(${hash('verdict', 'id')} % 50 = 0, 'refused', 'allowed') AS verdict, actor,
    if(verdict = 'refused', 'bulk-photo-view', '') AS rule, if(verdict = 'refused', '1', '') AS rule_version,
    time + toIntervalMillisecond(3) AS time, log_partition, log_offset, appended_at + toIntervalMillisecond(3) AS appended_at,
    concat('{"event_id":"', id, '","verdict":"', verdict, '","actor":"', actor, '"}') AS raw
  FROM ${from} WHERE outcome = 'held'`
