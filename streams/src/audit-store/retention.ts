import type { Migrating } from './migrate.js'

/** How long rows are kept, from their receipt on; where they lie meanwhile. */
export interface Retention {
  hotMonths: number
  keepMonths: number
  /** the tables' storage policy; undefined: the server's own */
  storagePolicy?: string | undefined
  /** the volume of that policy to which rows move when they are no longer hot */
  coldVolume?: string | undefined
}

/** From when on a table's rows are kept. The minute of a count is never later than the receipt of what it counts. */
const keptSince: Readonly<Record<string, string>> = {
  access_events: 'appended_at',
  verdicts: 'appended_at',
  alerts: 'appended_at',
  dead_letters: 'appended_at',
  late_events: 'appended_at',
  accesses_per_minute: 'minute',
  accesses_by_customer: 'appended_at',
}

/** As the server writes it back, so that what is in force can be compared with what is wanted. */
const ttlOf = (since: string, { hotMonths, keepMonths, coldVolume }: Retention): string =>
  [
    `toDateTime(${since}) + toIntervalMonth(${keepMonths})`,
    ...(coldVolume ? [`toDateTime(${since}) + toIntervalMonth(${hotMonths}) TO VOLUME '${coldVolume}'`] : []),
  ].join(', ')

/**
 * Brings the tables to this retention and says what changed: nothing, when it is in force already. Parts that exist learn
 * their new time of deletion; their rows are not written anew.
 */
export const applyRetention = async ({ store, layout, run }: Migrating, retention: Retention): Promise<string[]> => {
  const changed: string[] = []
  for (const [table, since] of Object.entries(keptSince)) {
    const stored = layout.stored(table)
    const [row] = await store.query<{ engine: string }>(
      'SELECT engine_full AS engine FROM system.tables WHERE database = currentDatabase() AND name = {stored:String}',
      { stored },
    )
    const changes = changesOf(row?.engine ?? '', ttlOf(since, retention), retention.storagePolicy)
    for (const change of changes) await run(`ALTER TABLE ${stored}${layout.onCluster} ${change}`)
    if (changes.length > 0) changed.push(`${table}: ${sentenceOf(retention)}`)
  }
  return changed
}

/** What `engine` (a table's engine, keys, TTL and settings as the server tells them) lacks. The policy comes first: it has the volume. */
export const changesOf = (engine: string, ttl: string, policy: string | undefined): string[] => {
  const inForce = / TTL (.*?)(?: SETTINGS .*)?$/.exec(engine)?.[1]
  return [
    ...(policy && !engine.includes(`storage_policy = '${policy}'`)
      ? [`MODIFY SETTING storage_policy = '${policy}'`]
      : []),
    ...(inForce === ttl ? [] : [`MODIFY TTL ${ttl}`]),
  ]
}

const sentenceOf = ({ hotMonths, keepMonths, coldVolume }: Retention): string =>
  `kept ${keepMonths} months from receipt${coldVolume ? `, after ${hotMonths} on ${coldVolume}` : ''}`
