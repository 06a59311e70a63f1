import type { AuditStore } from '../../audit-store/index.js'
import type { HourCount } from './freeze.js'
import { dayMs, WEEKS } from './habits.js'

interface Row {
  actor: string
  grp: string
  hour: number
  views: number
  searches: number
  photos: number
  reveals: number
  exports: number
  countries: string[]
  segments: string[]
}

/** Habits as habits.ts tells them, of what was served; drills are nobody's habit. Times are those of the log, as rules judge. */
const statement = `SELECT actor, argMax(concat(actor_role, '/', team), appended_at) AS grp,
  intDiv(toUnixTimestamp(appended_at) + {offset:Int32}, 3600) AS hour,
  countIf(action = 'view' AND customer_id != '') AS views, countIf(action = 'search') AS searches,
  countIf(action IN ('photo_view', 'photo_download')) AS photos, countIf(action = 'reveal') AS reveals,
  toUInt32(sumIf(ifNull(count, 0), action = 'export')) AS exports,
  arrayFilter(x -> x != '', groupUniqArray(20)(toString(country))) AS countries,
  arrayFilter(x -> x != '', groupUniqArray(20)(toString(segment))) AS segments
FROM accesses_between(from = {from:DateTime64(3, 'UTC')} - INTERVAL 1 DAY, to = {to:DateTime64(3, 'UTC')} + INTERVAL 1 DAY)
WHERE source = 'custodia' AND actor != '' AND part_of = '' AND NOT ifNull(drill, false)
  AND final_outcome IN ('granted', 'allowed')
  AND action IN ('view', 'search', 'photo_view', 'photo_download', 'reveal', 'export')
  AND appended_at >= {from:DateTime64(3, 'UTC')} AND appended_at < {to:DateTime64(3, 'UTC')}
GROUP BY actor, hour`

const clickhouseTime = (ms: number): string => new Date(ms).toISOString().slice(0, 23).replace('T', ' ')

/** What everybody did in each hour of the four weeks before a local day, or of those before each of several. */
export const countHours = async (
  store: AuditStore,
  day: number,
  offsetMinutes: number,
  lastDay = day,
): Promise<HourCount[]> => {
  const midnight = (of: number): number => of * dayMs - offsetMinutes * 60_000
  const rows = await store.query<Row>(statement, {
    offset: offsetMinutes * 60,
    from: clickhouseTime(midnight(day - WEEKS * 7)),
    to: clickhouseTime(midnight(lastDay)),
  })
  return rows.map(({ actor, grp, hour, countries, segments, ...counts }) => ({
    actor,
    group: grp,
    hour: Number(hour),
    counts: Object.fromEntries(Object.entries(counts).flatMap(([habit, n]) => (Number(n) ? [[habit, Number(n)]] : []))),
    countries,
    segments,
  }))
}
