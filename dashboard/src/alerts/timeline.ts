import type { EventRow } from '@custodia/contracts'
import { actionGroup, actionGroups, type ActionGroup } from '../ui/action-colors.js'

/** A row of the strip: what was done; freezes and lifts have one of their own. */
export type Lane = ActionGroup | 'freeze'
const laneOrder: readonly Lane[] = ['sign_in', ...actionGroups.filter((group) => group !== 'sign_in'), 'freeze']

const laneOf = (action: string): Lane => (action === 'freeze' || action === 'lift' ? 'freeze' : actionGroup(action))

/** Not served: refused, failed, or without a verdict in time. */
export const wasRefused = ({ final_outcome }: Pick<EventRow, 'final_outcome'>): boolean =>
  final_outcome === 'refused' || final_outcome === 'failed' || final_outcome === 'expired'

/** What a person did, and the freezes and lifts that were done to them; a colleague who read their page is left out. */
export const doneBy = (events: readonly EventRow[], actor: string): EventRow[] =>
  events.filter((event) => event.actor === actor || event.action === 'freeze' || event.action === 'lift')

/** Oldest first; the id settles equal times. */
export const oldestFirst = (events: readonly EventRow[]): EventRow[] =>
  [...events].sort((a, b) => a.time.localeCompare(b.time) || a.id.localeCompare(b.id))

export interface Bin {
  /** 0…1 of the strip */
  at: number
  from: number
  count: number
  refused: number
}
export interface LaneRow {
  lane: Lane
  count: number
  refused: number
  bins: Bin[]
}
export interface Layout {
  lanes: LaneRow[]
  /** the fullest bin, which has the whole height */
  most: number
}

/** Where each event stands on the strip between two instants, gathered into bins; lanes without events are left out. */
export const layoutTimeline = (events: readonly EventRow[], from: number, to: number, bins = 120): Layout => {
  const width = (to - from) / bins
  const lanes = new Map<Lane, Map<number, Bin>>()
  for (const event of events) {
    const index = Math.floor((Date.parse(event.time) - from) / width)
    if (index < 0 || index >= bins) continue
    const lane = lanes.get(laneOf(event.action)) ?? new Map<number, Bin>()
    const bin = lane.get(index) ?? { at: index / bins, from: from + index * width, count: 0, refused: 0 }
    lane.set(index, { ...bin, count: bin.count + 1, refused: bin.refused + (wasRefused(event) ? 1 : 0) })
    lanes.set(laneOf(event.action), lane)
  }
  const rows = laneOrder.flatMap((lane) => {
    const found = lanes.get(lane)
    if (!found) return []
    const sorted = [...found.values()].sort((a, b) => a.at - b.at)
    const sum = (of: 'count' | 'refused') => sorted.reduce((all, bin) => all + bin[of], 0)
    return [{ lane, bins: sorted, count: sum('count'), refused: sum('refused') }]
  })
  return { lanes: rows, most: Math.max(1, ...rows.flatMap(({ bins: each }) => each.map(({ count }) => count))) }
}

/** The first event of each new device: what is worth a flag, where every event of that device carries it. */
export const firstOnDevice = (events: readonly EventRow[]): ReadonlySet<string> => {
  const first = new Map<string, string>()
  for (const { id, action, device = '', new_device } of oldestFirst(events)) {
    // a freeze by hand carries the device of who set it
    if (new_device && action !== 'freeze' && action !== 'lift' && !first.has(device)) first.set(device, id)
  }
  return new Set(first.values())
}

/** A stretch of work with one end: “view ×52, photo view ×50”. */
export interface Step {
  id: string
  parts: { action: EventRow['action']; count: number }[]
  refused: boolean
  reason: string | undefined
  from: string
  to: string
  customers: number
  newDevice: boolean
}

const PAUSE = 5 * 60_000
/** These stand for themselves and never hide among others. */
const alone = new Set<string>(['sign_in', 'sign_out', 'factor_change', 'freeze', 'lift', 'export'])

const goesOn = (step: Step, event: EventRow): boolean => {
  const same = step.parts.some(({ action }) => action === event.action)
  const mixes = !alone.has(event.action) && !step.parts.some(({ action }) => alone.has(action))
  const soon = Date.parse(event.time) - Date.parse(step.to) < PAUSE
  return step.refused === wasRefused(event) && soon && (same || mixes)
}

/** The events told as few steps: a pause, a refusal, a sign-in or a freeze begins a new one. */
export const stepsOf = (events: readonly EventRow[]): Step[] => {
  const steps: { step: Step; customers: Set<string> }[] = []
  const flagged = firstOnDevice(events)
  for (const event of oldestFirst(events)) {
    let last = steps.at(-1)
    if (!last || !goesOn(last.step, event)) {
      const about = { refused: wasRefused(event), reason: event.verdict_rule ?? event.reason, newDevice: false }
      const when = { from: event.time, to: event.time }
      last = { step: { id: event.id, parts: [], customers: 0, ...about, ...when }, customers: new Set() }
      steps.push(last)
    }
    const { step, customers } = last
    const part = step.parts.find(({ action }) => action === event.action)
    if (part) part.count++
    else step.parts.push({ action: event.action, count: 1 })
    if (event.customer_id) customers.add(event.customer_id)
    step.customers = customers.size
    step.to = event.time
    step.newDevice ||= flagged.has(event.id)
  }
  return steps.map(({ step }) => step)
}

export interface Tick {
  at: number
  time: number
}

const SECOND = 1000
const rounds = [10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200]

/** Round clock times along the strip, few enough to read. Zones are off UTC by whole quarters of an hour. */
export const ticksOf = (from: number, to: number, most = 9): Tick[] => {
  const every = (rounds.find((each) => (to - from) / (each * SECOND) <= most) ?? 86_400) * SECOND
  const first = Math.ceil(from / every) * every
  const count = Math.max(0, Math.floor((to - first) / every) + 1)
  return Array.from({ length: count }, (_, index) => ({
    time: first + index * every,
    at: (first + index * every - from) / (to - from),
  }))
}

/** The part of the strip that an interval covers; undefined when it lies outside. */
export const spanOf = (
  start: number,
  end: number,
  from: number,
  to: number,
): { at: number; width: number } | undefined => {
  const left = Math.max(start, from)
  const right = Math.min(end, to)
  return right > left ? { at: (left - from) / (to - from), width: (right - left) / (to - from) } : undefined
}
