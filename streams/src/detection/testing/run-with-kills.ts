import type { Alert, LateEvent, Verdict } from '@custodia/contracts'
import type { LogRecord } from '../../event-log/index.js'
import type { Machine } from '../run/machine.js'
import { Output } from '../run/output.js'
import type { SetInForce } from '../run/rule-book.js'
import type { Random } from './random.js'

export interface Decided {
  alerts: Map<string, Alert>
  verdicts: Map<string, Verdict>
  rekeyed: Map<string, unknown>
  late: Map<string, LateEvent>
}

/** What a batch wrote, by id; the same thing written twice must be the same. */
const collect = (into: Decided, output: Output): void => {
  const put = <T>(map: Map<string, T>, id: string, value: T): void => {
    const before = map.get(id)
    if (before && JSON.stringify(before) !== JSON.stringify(value)) throw new Error(`two answers for ${id}`)
    map.set(id, value)
  }
  for (const { value } of output.alerts) if (value.kind === 'raised') put(into.alerts, value.alert.id, value.alert)
  for (const { value } of output.verdicts) put(into.verdicts, value.event_id, value)
  for (const { value } of output.late) put(into.late, `${value.event_id} ${value.key}`, value)
  for (const { key, value } of output.rekeyed)
    if (value.kind === 'event') put(into.rekeyed, `${value.partition}/${value.offset}/${key}`, value)
}

const nothing = (): Decided => ({
  alerts: new Map(),
  verdicts: new Map(),
  rekeyed: new Map(),
  late: new Map(),
})

/** One partition's records without interruption. */
export const runThrough = (machine: Machine, records: LogRecord[], sets: SetInForce[]): Decided => {
  const decided = nothing()
  for (const record of records) {
    const output = new Output()
    machine.step(record, inForceAt(sets, record), output)
    collect(decided, output)
  }
  return decided
}

/**
 * The same records in batches, killed at random: after a batch was judged but not written, after it was written but not
 * committed, between commits and snapshots. Each new life starts from the last snapshot and replays up to what is committed.
 */
export const runWithKills = (
  make: () => Machine,
  records: LogRecord[],
  sets: SetInForce[],
  random: Random,
): Decided => {
  const decided = nothing()
  const disk = { committed: 0, snapshot: undefined as { offset: number; state: string } | undefined }
  const setOf = (version: string): SetInForce | undefined => sets.find((set) => set.version === version)
  while (disk.committed < records.length) {
    const machine = make()
    if (disk.snapshot) machine.restore(disk.snapshot.state, setOf)
    for (const record of records.slice(disk.snapshot?.offset ?? 0, disk.committed))
      machine.step(record, inForceAt(sets, record), new Output())
    let next = disk.committed
    while (next < records.length) {
      const batch = records.slice(next, next + 1 + random.below(20))
      const output = new Output()
      for (const record of batch) machine.step(record, inForceAt(sets, record), output)
      if (random.chance(0.02)) break // judged, not written
      collect(decided, output)
      next += batch.length
      if (random.chance(0.02)) break // written, not committed
      if (next === records.length || random.chance(0.5)) disk.committed = next
      if (disk.committed === next && random.chance(0.1)) disk.snapshot = { offset: next, state: machine.snapshot() }
      if (random.chance(0.02)) break
    }
  }
  return decided
}

const inForceAt = (sets: SetInForce[], record: LogRecord): SetInForce | undefined =>
  sets.findLast((set) => set.from <= record.appendedAt)
