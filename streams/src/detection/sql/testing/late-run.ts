import { keyOf, type Alert, type LateEvent, type Rekeyed, type Verdict } from '@custodia/contracts'
import type { LogRecord } from '../../../event-log/index.js'
import { inForce, recordOf, type TimedEvent } from '../../cases/in-memory-run.js'
import { DirectMachine } from '../../run/direct-machine.js'
import { Output } from '../../run/output.js'
import { RekeyedMachine } from '../../run/rekeyed-machine.js'
import type { SetInForce } from '../../run/rule-book.js'
import type { Rule } from '../../sigma/index.js'
import type { Random } from '../../testing/random.js'

export interface Told {
  alerts: Map<string, Alert>
  verdicts: Map<string, Verdict>
  late: Map<string, LateEvent>
}

/** So many partitions has each of the two topics. */
const PARTITIONS = 3
/** So few may wait that a partition which is behind makes others go on early. */
const MOST_WAITING = 12
/** Offsets have gaps, so that what is silent is forgotten every few records and not every 512. */
const SWEPT_EVERY = 64

const partitionOf = (key: string): number => [...key].reduce((sum, char) => sum + char.charCodeAt(0), 0) % PARTITIONS

/**
 * Detection over several partitions that are not equally far, with restarts from older snapshots, and with events that are
 * sent on twice: what is late depends on chance, as it does live. Until something is judged, `before` is in force: those rules
 * have seen events come that these judge.
 */
export const runLate = (
  rules: readonly Rule[],
  events: readonly TimedEvent[],
  random: Random,
  before: readonly Rule[] = rules,
): Told => {
  const set = inForce(rules)
  const told: Told = { alerts: new Map(), verdicts: new Map(), late: new Map() }
  const put = <T>(map: Map<string, T>, id: string, value: T): void => {
    const known = map.get(id)
    if (known && JSON.stringify(known) !== JSON.stringify(value)) throw new Error(`two answers for ${id}`)
    map.set(id, value)
  }
  const hear = (output: Output): void => {
    if (output.deadLetters[0]) throw new Error(output.deadLetters[0].value.reason)
    for (const { value } of output.alerts)
      if (value.kind === 'raised') put(told.alerts, JSON.stringify(value), value.alert)
    for (const { value } of output.verdicts) put(told.verdicts, value.event_id, value)
    for (const { value } of output.late) put(told.late, `${value.event_id} ${value.received_at} ${value.key}`, value)
  }
  const behind = Array.from(
    { length: PARTITIONS },
    () => new Behind((output) => hear(output), random, inForce(rules), inForce(before, 'before')),
  )
  const origins = Array.from({ length: PARTITIONS }, (_, partition) => ({
    machine: new DirectMachine(),
    left: events.flatMap(({ at, event }, offset): LogRecord[] =>
      partitionOf(keyOf(event)) === partition
        ? [{ ...recordOf('access-events', offset, at, keyOf(event), event), partition }]
        : [],
    ),
    sent: [] as { key: string; value: Rekeyed }[],
  }))
  let slow = 0
  const horizon = (): number => Math.min(...origins.map(({ left }) => left[0]?.appendedAt ?? Infinity))
  const tick = (until: number): void => {
    const at = Number.isFinite(until)
      ? until
      : Math.max(...events.flatMap(({ at, event }) => [at, Date.parse(event.time)])) + 1
    for (const one of behind) one.append('', { kind: 'tick', until: new Date(at).toISOString() })
  }
  while (origins.some(({ left }) => left.length)) {
    if (random.chance(0.05)) slow = random.below(PARTITIONS)
    const chosen = random.below(PARTITIONS)
    const origin = origins[chosen === slow && random.chance(0.8) ? (chosen + 1) % PARTITIONS : chosen]!
    const record = origin.left.shift()
    if (!record) continue
    const output = new Output()
    origin.machine.step(record, set, output)
    hear(output)
    const again = random.chance(0.03) ? random.below(10) : 0 // after a crash
    const sent = output.rekeyed.map(({ key, value }) => ({ key, value }))
    origin.sent.push(...sent)
    for (const { key, value } of again ? origin.sent.slice(-sent.length - again) : sent)
      behind[partitionOf(key)]!.append(key, value)
    if (random.chance(0.1)) tick(horizon())
  }
  tick(Infinity)
  return told
}

/** A partition of what is judged under other keys. */
class Behind {
  private machine = new RekeyedMachine(MOST_WAITING)
  private readonly steps: { record: LogRecord; set: SetInForce }[] = []
  private snapshot = { state: this.machine.snapshot(), next: 0 }

  constructor(
    private readonly hear: (output: Output) => void,
    private readonly random: Random,
    private readonly set: SetInForce,
    private readonly before: SetInForce,
  ) {}

  append(key: string, value: Rekeyed): void {
    const { length } = this.steps
    const judges = value.kind === 'tick' || length >= MOST_WAITING || this.steps.at(-1)?.set === this.set
    const record = recordOf('rekeyed', length * SWEPT_EVERY, Date.parse('2100-01-01'), key, value)
    this.steps.push({ record, set: judges ? this.set : this.before })
    this.step(length)
    if (this.random.chance(0.01)) this.snapshot = { state: this.machine.snapshot(), next: this.steps.length }
    if (this.random.chance(0.01)) this.restart()
  }

  private step(nth: number): void {
    const { record, set } = this.steps[nth]!
    const output = new Output()
    this.machine.step(record, set, output)
    this.hear(output)
  }

  private restart(): void {
    this.machine = new RekeyedMachine(MOST_WAITING)
    this.machine.restore(this.snapshot.state, (version) =>
      [this.set, this.before].find((set) => set.version === version),
    )
    for (let nth = this.snapshot.next; nth < this.steps.length; nth++) this.step(nth)
  }
}
