import { RuleSet, type Rekeyed, type Topic } from '@custodia/contracts'
import type { LogRecord } from '../../streams/src/event-log/index.js'
import type { RawRecord } from '../../streams/src/integrity/index.js'
import type { BaselineBook } from '../../streams/src/detection/baselines/index.js'
import { DirectMachine } from '../../streams/src/detection/run/direct-machine.js'
import { Output } from '../../streams/src/detection/run/output.js'
import { RekeyedMachine } from '../../streams/src/detection/run/rekeyed-machine.js'
import type { SetInForce } from '../../streams/src/detection/run/rule-book.js'
import { compileRules } from '../../streams/src/detection/run/rule-set.js'

export interface Decided {
  /** ids */
  alerts: Set<string>
  /** access → verdict */
  verdicts: Map<string, string>
}

const asRecord = (topic: Topic, record: RawRecord): LogRecord => ({ topic, ...record })

/** The set that was in force all along: a test does not change its rules. */
export const onlyRuleSet = (ruleSets: RawRecord[]): SetInForce => {
  const [first, ...others] = ruleSets.map(({ value }) => RuleSet.parse(JSON.parse(value.toString())))
  if (!first || others.some(({ version }) => version !== first.version)) throw new Error('the rules were changed')
  return { version: first.version, from: Date.parse(first.effective_from), rules: compileRules(first.files).rules }
}

/**
 * What detection decides about a log when nothing interrupts it: each partition from its start, then everything that is judged
 * under another key in the order of its log-append times, as if all partitions had always been equally far.
 */
export const decideUninterrupted = (access: RawRecord[], set: SetInForce, book: BaselineBook): Decided => {
  const output = new Output()
  const inForce = ({ appendedAt }: LogRecord): SetInForce | undefined => {
    const baselines = book.inForce(appendedAt)
    return appendedAt < set.from ? undefined : baselines ? { ...set, baselines } : set
  }
  for (const [, records] of Map.groupBy(access, ({ partition }) => partition)) {
    const machine = new DirectMachine()
    for (const record of records.map((each) => asRecord('access-events', each)))
      machine.step(record, inForce(record), output)
  }
  const machine = new RekeyedMachine()
  const sentOn = output.rekeyed
    .map(({ key, value }) => ({ key, value: value as Extract<Rekeyed, { kind: 'event' }> }))
    .map((each) => ({ ...each, at: Date.parse(each.value.received_at) }))
    .sort((a, b) => a.at - b.at || a.value.partition - b.value.partition || a.value.offset - b.value.offset)
  const step = (key: string, value: Rekeyed, at: number, offset: number): void =>
    machine.step(
      asRecord('rekeyed', { partition: 0, offset, key, appendedAt: at, headers: {}, value: bytesOf(value) }),
      set,
      output,
    )
  sentOn.forEach(({ key, value, at }, offset) => step(key, value, at, offset))
  const end = (sentOn.at(-1)?.at ?? 0) + 1
  step('', { kind: 'tick', until: new Date(end).toISOString() }, end, sentOn.length)
  return {
    alerts: new Set(output.alerts.flatMap(({ value }) => (value.kind === 'raised' ? [value.alert.id] : []))),
    verdicts: new Map(output.verdicts.map(({ value }) => [value.event_id, value.verdict])),
  }
}

const bytesOf = (value: unknown): Buffer => Buffer.from(JSON.stringify(value))
