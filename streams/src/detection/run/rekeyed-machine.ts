import { Rekeyed } from '@custodia/contracts'
import type { LogRecord } from '../../event-log/index.js'
import { letterOf } from '../../pipeline/index.js'
import type { Plan } from '../correlate/index.js'
import { judge } from '../decide/index.js'
import type { RuleEvent } from '../sigma/rule.js'
import { sha256 } from './hash.js'
import type { Machine, RuleMemory } from './machine.js'
import type { Output } from './output.js'
import { recordParser } from './parse.js'
import { ReleaseBuffer } from './release-buffer.js'
import type { BufferRecord, Released } from './release-buffer.js'
import type { SetInForce } from './rule-book.js'
import { planAt } from './routes.js'
import { RulesInForce } from './rules-in-force.js'
import type { RulesRecord } from './rules-in-force.js'

type RekeyedEvent = Extract<Rekeyed, { kind: 'event' }>

interface State {
  rules: RulesRecord
  buffer: BufferRecord<RekeyedEvent>
}

const parseRekeyed = recordParser(Rekeyed)

/**
 * Stage two, under the rules' own keys: puts what came from many partitions in order of time, once a tick says that nothing of
 * before is missing, and judges it after the fact. Outside events tell their own times: they are put in order as far as
 * they have come by then, and only alert.
 */
export class RekeyedMachine implements Machine {
  /** an event up to one timespan late still finds its whole window */
  private readonly rules = new RulesInForce(1)
  private readonly buffer = new ReleaseBuffer<RekeyedEvent>()

  step(record: LogRecord, set: SetInForce | undefined, output: Output): void {
    const { key, appendedAt, offset } = record
    this.rules.at(offset, appendedAt, set)
    if (offset % 512 === 0) this.buffer.sweep(appendedAt)
    const parsed = parseRekeyed(record)
    if ('reason' in parsed) {
      output.deadLetters.push(letterOf(record, 'parseRekeyed', parsed.reason))
      return
    }
    const item = parsed.value
    if (item.kind === 'tick') {
      for (const due of this.buffer.advance(Date.parse(item.until))) this.judge(due, appendedAt, output)
      return
    }
    const [time, receivedAt] = [Date.parse(item.judged_at), Date.parse(item.received_at)]
    const late = this.buffer.add({ key, receivedAt, time, id: item.event.id, item }, item, appendedAt)
    if (late) this.judge(late, appendedAt, output)
    for (const due of this.buffer.relieve()) this.judge(due, appendedAt, output)
  }

  waiting(): string | undefined {
    return this.buffer.waiting()
  }

  memory(): RuleMemory[] {
    return this.rules.memory()
  }

  snapshot(): string {
    const state: State = { rules: this.rules.snapshot(), buffer: this.buffer.snapshot() }
    return JSON.stringify(state)
  }

  restore(state: string, setOf: (version: string) => SetInForce | undefined): void {
    const { rules, buffer } = JSON.parse(state) as State
    this.rules.restore(rules, setOf)
    this.buffer.restore(buffer)
  }

  private judge({ key, item, time, late }: Released<RekeyedEvent>, touched: number, output: Output): void {
    const { event, outcome, rules, partition, offset } = item
    const ours = event.source === 'custodia'
    const place = ours ? { partition, offset } : undefined
    const planOf = (seen: RuleEvent): Plan => planAt(this.rules.planOf(seen), rules, seen, key)
    const the = { event, outcome, time, touched, late, mayFreeze: ours, place }
    for (const alert of judge(planOf, the, sha256).alerts)
      output.alerts.push({ key: alert.id, value: { kind: 'raised', alert } })
  }
}
