import { Rekeyed } from '@custodia/contracts'
import type { LogRecord } from '../../event-log/index.js'
import { judge } from '../decide/index.js'
import { sha256 } from './hash.js'
import type { Machine } from './machine.js'
import type { Output } from './output.js'
import { deadLetter, parseRecord } from './parse.js'
import { ReleaseBuffer, WAIT_MS } from './release-buffer.js'
import type { BufferRecord, Released } from './release-buffer.js'
import type { SetInForce } from './rule-book.js'
import { RulesInForce } from './rules-in-force.js'
import type { RulesRecord } from './rules-in-force.js'

type RekeyedEvent = Extract<Rekeyed, { kind: 'event' }>

interface State {
  rules: RulesRecord
  buffer: BufferRecord<RekeyedEvent>
}

/**
 * Stage two, under the rules' own keys: puts what came from many partitions and outside systems in order of time, as far as a
 * short wait can, and judges it after the fact. Outside events only alert.
 */
export class RekeyedMachine implements Machine {
  /** an event up to one timespan late still finds its whole window */
  private readonly rules = new RulesInForce(1)
  private readonly buffer = new ReleaseBuffer<RekeyedEvent>()

  step(record: LogRecord, set: SetInForce | undefined, output: Output): void {
    const { key, appendedAt, offset } = record
    this.rules.at(offset, appendedAt, set)
    if (offset % 512 === 0) this.buffer.sweep(appendedAt)
    for (const due of this.buffer.advance(appendedAt)) this.judge(due, appendedAt, output)
    const parsed = parseRecord(Rekeyed, record)
    if ('reason' in parsed) {
      output.deadLetters.push({ key: record.topic, value: deadLetter('parseRekeyed', record, parsed.reason) })
      return
    }
    const item = parsed.value
    if (item.kind === 'tick') return
    const late = this.buffer.add({ key, appendedAt, time: Date.parse(item.judged_at), id: item.event.id, item }, item)
    if (late) this.judge(late, appendedAt, output)
  }

  waiting(): { key: string; until: number } | undefined {
    const first = this.buffer.first()
    return first && { key: first.key, until: first.appendedAt + WAIT_MS }
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

  private judge({ item, time, late }: Released<RekeyedEvent>, touched: number, output: Output): void {
    const { event, outcome, rules } = item
    const the = { event, outcome, time, touched, late, mayFreeze: event.source === 'custodia' }
    for (const alert of judge(this.rules.named(rules), the, sha256).alerts)
      output.alerts.push({ key: alert.id, value: { kind: 'raised', alert } })
  }
}
