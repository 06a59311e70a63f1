import type { AccessEvent, Alert, Topic, Verdict } from '@custodia/contracts'
import type { LogRecord } from '../../event-log/index.js'
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

/** Both stages, one partition each, over a list of events: what is decided, without a log and without a clock. */
export const runInMemory = (
  rules: readonly Rule[],
  events: readonly TimedEvent[],
): { alerts: Alert[]; verdicts: Verdict[] } => {
  const set = inForce(rules)
  const direct = new DirectMachine()
  const rekeyed = new RekeyedMachine()
  const output = new Output()
  let offset = 0
  const pass = (from: Output, at: number): void => {
    for (const { key, value } of from.rekeyed) rekeyed.step(recordOf('rekeyed', offset++, at, key, value), set, output)
  }
  events.forEach(({ at, event }, i) => {
    const own = new Output()
    direct.step(recordOf('access-events', i, at, event.actor ?? '', event), set, own)
    output.verdicts.push(...own.verdicts)
    output.alerts.push(...own.alerts)
    output.deadLetters.push(...own.deadLetters)
    pass(own, at)
  })
  const end = (events.at(-1)?.at ?? 0) + 1
  const tick = { kind: 'tick', until: new Date(end).toISOString() }
  rekeyed.step(recordOf('rekeyed', offset, end, '', tick), set, output)
  const [dead] = output.deadLetters
  if (dead) throw new Error(`${dead.value.step}: ${dead.value.reason}`)
  return {
    alerts: output.alerts.flatMap(({ value }) => (value.kind === 'raised' ? [value.alert] : [])),
    verdicts: output.verdicts.map(({ value }) => value),
  }
}
