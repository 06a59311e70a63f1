import { AccessEvent, Habit, type FinalOutcome, type PersonUsual } from '@custodia/contracts'
import type { AuditStore } from '../../audit-store/index.js'
import type { BaselineBook } from './book.js'
import { usualInProfile } from './compare.js'
import type { Baselines } from './freeze.js'
import { dayMs, groupOf, isServed } from './habits.js'
import { LiveCounts } from './live-counts.js'

/** An older access counts for less than a hundredth of the risk; nobody's week has more accesses that habits are made of. */
const LOOK_BACK_MS = 7 * dayMs
const MOST = 20_000

const statement = `SELECT raw, toUnixTimestamp64Milli(appended_at) AS at, final_outcome
FROM accesses_between(from = {from:DateTime64(3, 'UTC')} - INTERVAL 1 DAY, to = {to:DateTime64(3, 'UTC')} + INTERVAL 1 DAY)
WHERE actor = {actor:String} AND source = 'custodia' AND part_of = ''
  AND action IN ('view', 'search', 'photo_view', 'photo_download', 'reveal', 'export')
  AND appended_at >= {from:DateTime64(3, 'UTC')} AND appended_at < {to:DateTime64(3, 'UTC')}
ORDER BY at DESC, log_offset DESC LIMIT ${MOST}`

interface Row {
  raw: string
  at: string
  final_outcome: FinalOutcome
}

const clickhouseTime = (ms: number): string => new Date(ms).toISOString().slice(0, 23).replace('T', ' ')

/**
 * What is usual for one person and what they did so far, worked out as detection does: their last seven days go through the same
 * counting, each access beside what was in force when it was appended. A verdict that came too late counts as allowed, as there.
 */
export async function usualOfPerson(
  { store, book }: { store: AuditStore; book: BaselineBook },
  actor: string,
  now: number,
): Promise<PersonUsual> {
  await book.knowsUntil(now)
  const params = { actor, from: clickhouseTime(now - LOOK_BACK_MS), to: clickhouseTime(now) }
  const rows = (await store.query<Row>(statement, params)).reverse()
  const live = new LiveCounts()
  let last: AccessEvent | undefined
  for (const { raw, at, final_outcome } of rows) {
    const event = AccessEvent.parse(JSON.parse(raw))
    const baselines = book.inForce(Number(at))
    const seen = live.look(event, Number(at), baselines)
    last = event
    if (seen && baselines && (isServed(final_outcome) || final_outcome === 'expired'))
      live.count(event, Number(at), seen, baselines.offsetMinutes)
  }
  const baselines = book.inForce(now)
  return { date: book.dateInForce(now), counted: rows.length, ...beside(actor, last, now, live, baselines) }
}

function beside(
  actor: string,
  last: AccessEvent | undefined,
  now: number,
  live: LiveCounts,
  baselines: Baselines | undefined,
): Omit<PersonUsual, 'date' | 'counted'> {
  const self = baselines?.people.get(actor)
  const group = self?.group ?? (last && groupOf(last))
  const peers = group === undefined ? undefined : baselines?.groups.get(group)
  const today = live.of(actor, now, baselines?.offsetMinutes ?? 0)
  return {
    group,
    risk: today.risk,
    habits: Habit.options.map((habit) => ({
      habit,
      today: today.day[habit] ?? 0,
      self: usualInProfile(self, habit, 'self'),
      peers: usualInProfile(peers, habit, 'peers'),
      hours: { self: self?.hours[habit] ?? [], peers: peers?.hours[habit] ?? [] },
    })),
    self: self && { days: self.days, weeks: self.weeks, countries: self.countries, segments: self.segments },
    peers: peers && { people: peers.people, days: peers.days, weeks: peers.weeks },
  }
}
