import { type LateEvent, Rekeyed } from '@custodia/contracts'
import type { LogRecord } from '../../event-log/index.js'
import { letterOf } from '../../pipeline/index.js'
import { countsLateMs, type Plan } from '../correlate/index.js'
import { judge } from '../decide/index.js'
import type { RuleEvent } from '../sigma/rule.js'
import { sha256 } from './hash.js'
import type { Machine, RuleMemory } from './machine.js'
import type { Output } from './output.js'
import { recordParser } from './parse.js'
import { ReleaseBuffer, touchedUntil } from './release-buffer.js'
import type { BufferRecord, Place, Released } from './release-buffer.js'
import type { SetInForce } from './rule-book.js'
import { planAt } from './routes.js'
import { RulesInForce } from './rules-in-force.js'
import type { RulesRecord } from './rules-in-force.js'

type RekeyedEvent = Extract<Rekeyed, { kind: 'event' }>

interface State {
  rules: RulesRecord
  buffer: BufferRecord<RekeyedEvent>
  /** absent in snapshots of 0.1.0 */
  horizon?: number
}

const parseRekeyed = recordParser(Rekeyed)

/**
 * Stage two, under the rules' own keys: puts what came from many partitions in order of time, once a tick says that nothing of
 * before is missing, and judges it after the fact. Outside events tell their own times: they are put in order as far as they
 * have come by then, at the earliest when their time has come here, and only alert. What comes later still is judged where it
 * came, behind what was judged last under its key, so that windows are always in order; a mark says where that was, for
 * whoever asks the past.
 */
export class RekeyedMachine implements Machine {
  private readonly rules = new RulesInForce()
  private readonly buffer: ReleaseBuffer<RekeyedEvent>
  /** everything received before this is here: what is forgotten depends on it, not on how late this stage runs */
  private horizon = 0

  /** no more than so many wait */
  constructor(mostWaiting?: number) {
    this.buffer = new ReleaseBuffer(mostWaiting)
  }

  step(record: LogRecord, set: SetInForce | undefined, output: Output): void {
    const { key, offset } = record
    this.rules.at(offset, this.horizon, set)
    if (offset % 512 === 0) this.buffer.sweep(this.horizon, (names) => this.rules.reachMs(names))
    const parsed = parseRekeyed(record)
    if ('reason' in parsed) {
      output.deadLetters.push(letterOf(record, 'parseRekeyed', parsed.reason))
      return
    }
    const item = parsed.value
    if (item.kind === 'tick') {
      const until = Date.parse(item.until)
      this.horizon = Math.max(this.horizon, until)
      for (const due of this.buffer.advance(until)) this.judge(due, output)
      return
    }
    const { event, rules, judged_at, received_at } = item
    const waiting = { key, receivedAt: Date.parse(received_at), time: Date.parse(judged_at), id: event.id, item }
    const late = this.buffer.add(waiting, item, rules)
    if (late) output.late.push({ key: event.id, value: markOf(late, offset, this.judge(late, output)) })
    for (const due of this.buffer.relieve()) this.judge(due, output)
  }

  waiting(): string | undefined {
    return this.buffer.waiting()
  }

  memory(): RuleMemory[] {
    return this.rules.memory()
  }

  snapshot(): string {
    const state: State = {
      rules: this.rules.snapshot(),
      buffer: this.buffer.snapshot(),
      horizon: this.horizon,
    }
    return JSON.stringify(state)
  }

  restore(state: string, setOf: (version: string) => SetInForce | undefined): void {
    const { rules, buffer, horizon = 0 } = JSON.parse(state) as State
    this.rules.restore(rules, setOf)
    this.buffer.restore(buffer)
    this.horizon = horizon
  }

  /** counts it where it is to be judged, and says by which rules it came too late for that */
  private judge({ key, item, receivedAt, time: own, behind }: Released<RekeyedEvent>, output: Output): string[] {
    const { event, outcome, rules, partition, offset } = item
    const ours = event.source === 'custodia'
    const place = ours ? { partition, offset } : undefined
    const time = behind?.time ?? own
    const passedOver: string[] = []
    const planOf = (seen: RuleEvent): Plan =>
      planAt(this.rules.planOf(seen), rules, seen, key).filter(({ state: { tree } }) => {
        const counts = time - own <= countsLateMs(tree, ours)
        if (!counts) passedOver.push(tree.root.name)
        return counts
      })
    const touched = touchedUntil(receivedAt, time)
    const the = { event, outcome, time, touched, late: behind !== undefined, mayFreeze: ours, place }
    for (const alert of judge(planOf, the, sha256).alerts)
      output.alerts.push({ key: alert.id, value: { kind: 'raised', alert } })
    return passedOver
  }
}

const markOf = (
  { key, id, item, behind }: Released<RekeyedEvent>,
  offset: number,
  passedOver: string[],
): LateEvent => ({
  event_id: id,
  received_at: item.received_at,
  key,
  time: item.judged_at,
  judged_at: new Date((behind as Place).time).toISOString(),
  after: (behind as Place).id,
  offset,
  passed_over: passedOver,
})
