import type { AccessEvent, Alert, Topic, Verdict } from '@custodia/contracts'
import type { LogRecord } from '../../event-log/index.js'
import type { Baselines } from '../baselines/index.js'
import { DirectMachine } from '../run/direct-machine.js'
import { Output } from '../run/output.js'
import { RekeyedMachine } from '../run/rekeyed-machine.js'
import type { SetInForce } from '../run/rule-book.js'
import type { Rule } from '../sigma/index.js'

export interface TimedEvent {
  /** log-append time, milliseconds */
  at: number
  event: AccessEvent
}

export const recordOf = (topic: Topic, offset: number, appendedAt: number, key: string, value: unknown): LogRecord => ({
  topic,
  partition: 0,
  offset,
  appendedAt,
  key,
  value: Buffer.from(JSON.stringify(value)),
})

export const inForce = (rules: readonly Rule[], version = 'test'): SetInForce => ({ version, from: 0, rules })

/** Both stages, one partition each: what is decided, without a log and without a clock. */
export class InMemoryRun {
  private readonly direct = new DirectMachine()
  private readonly rekeyed = new RekeyedMachine()
  private set: SetInForce
  private readonly offsets = { direct: 0, rekeyed: 0 }
  private waiting = false

  constructor(rules: readonly Rule[]) {
    this.set = inForce(rules)
  }

  /** from now on this is usual */
  freeze(baselines: Baselines): void {
    this.set = { ...this.set, baselines }
  }

  /** judges one event; what is judged after the fact waits until it is settled */
  step({ at, event }: TimedEvent): Decisions {
    const output = new Output()
    this.direct.step(recordOf('access-events', this.offsets.direct++, at, event.actor ?? '', event), this.set, output)
    for (const { key, value } of output.rekeyed) {
      this.rekeyed.step(recordOf('rekeyed', this.offsets.rekeyed++, at, key, value), this.set, output)
      this.waiting = true
    }
    return decisionsOf(output)
  }

  /** judges what waits, up to this moment */
  settle(at: number): Decisions {
    const output = new Output()
    if (this.waiting) {
      const tick = { kind: 'tick', until: new Date(at).toISOString() }
      this.rekeyed.step(recordOf('rekeyed', this.offsets.rekeyed++, at, '', tick), this.set, output)
      this.waiting = this.rekeyed.waiting() !== undefined
    }
    return decisionsOf(output)
  }
}

export interface Decisions {
  alerts: Alert[]
  verdicts: Verdict[]
}

const decisionsOf = ({ alerts, verdicts, deadLetters: [dead] }: Output): Decisions => {
  if (dead) throw new Error(`${dead.value.step}: ${dead.value.reason}`)
  return {
    alerts: alerts.flatMap(({ value }) => (value.kind === 'raised' ? [value.alert] : [])),
    verdicts: verdicts.map(({ value }) => value),
  }
}

/** What is decided about a list of events in order of time. */
export const runInMemory = (
  rules: readonly Rule[],
  events: readonly TimedEvent[],
  baselines?: Baselines,
): Decisions => {
  const run = new InMemoryRun(rules)
  if (baselines) run.freeze(baselines)
  const all = events.map((event) => run.step(event))
  const last = events.reduce((latest, { at, event }) => Math.max(latest, at, Date.parse(event.time)), 0)
  all.push(run.settle(last + 1))
  return { alerts: all.flatMap(({ alerts }) => alerts), verdicts: all.flatMap(({ verdicts }) => verdicts) }
}
