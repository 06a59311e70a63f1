import { type LateEvent, Rekeyed } from '@custodia/contracts'
import type { LogRecord } from '../../event-log/index.js'
import { letterOf } from '../../pipeline/index.js'
import { countsLateMs, type LivesRecord, type Plan, reachMs, type RuleTree } from '../correlate/index.js'
import { judge } from '../decide/index.js'
import type { RuleEvent } from '../sigma/rule.js'
import { sha256 } from './hash.js'
import type { Machine, RuleMemory } from './machine.js'
import type { Output } from './output.js'
import { recordParser } from './parse.js'
import { ReleaseBuffer, TOLD_APART_MS, touchedUntil } from './release-buffer.js'
import type { BufferRecord, Released } from './release-buffer.js'
import type { SetInForce } from './rule-book.js'
import { planAt } from './routes.js'
import { RulesInForce, SWEEP_EVERY } from './rules-in-force.js'
import type { RulesRecord } from './rules-in-force.js'

type RekeyedEvent = Extract<Rekeyed, { kind: 'event' }>

interface State {
  rules: RulesRecord
  buffer: BufferRecord<RekeyedEvent>
  /** absent in snapshots of 0.1.0, as are the others */
  horizon?: number
  swept?: number
  lives?: LivesRecord
}

const parseRekeyed = recordParser(Rekeyed)

/**
 * Stage two, under the rules' own keys: puts what came from many partitions in order of time, once a tick says that nothing of
 * before is missing, and judges it after the fact. Outside events tell their own times: they are put in order as far as they
 * have come by then, at the earliest when their time has come here, and only alert. What comes later still is judged where it
 * came, behind what was judged last under its key, so that windows are always in order; a mark says where that was, for
 * whoever asks the past. So does one say which rules had forgotten the key when something of long ago came.
 */
export class RekeyedMachine implements Machine {
  private readonly rules = new RulesInForce()
  private readonly buffer: ReleaseBuffer<RekeyedEvent>
  /** everything received before this is here: what is forgotten depends on it, not on how late this stage runs */
  private horizon = 0
  /** the horizon when something was forgotten last */
  private swept = 0

  /** no more than so many wait */
  constructor(mostWaiting?: number) {
    this.buffer = new ReleaseBuffer(mostWaiting)
  }

  step(record: LogRecord, set: SetInForce | undefined, output: Output): void {
    const { key, offset } = record
    this.rules.at(offset, this.horizon, set)
    if (offset % SWEEP_EVERY === 0) {
      this.buffer.sweep(this.horizon, (names) => this.rules.reachMs(names))
      this.swept = this.horizon
    }
    const parsed = parseRekeyed(record)
    if ('reason' in parsed) {
      output.deadLetters.push(letterOf(record, 'parseRekeyed', parsed.reason))
      return
    }
    const item = parsed.value
    if (item.kind === 'tick') {
      const until = Date.parse(item.until)
      this.horizon = Math.max(this.horizon, until)
      for (const due of this.buffer.advance(until)) this.judge(due, offset, output)
      return
    }
    const { event, rules, judged_at, received_at } = item
    const waiting = { key, receivedAt: Date.parse(received_at), time: Date.parse(judged_at), id: event.id, item }
    const late = this.buffer.add(waiting, item, rules)
    if (late) this.judge(late, offset, output)
    for (const due of this.buffer.relieve()) this.judge(due, offset, output)
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
      swept: this.swept,
      lives: this.rules.lives(),
    }
    return JSON.stringify(state)
  }

  restore(state: string, setOf: (version: string) => SetInForce | undefined): void {
    const { rules, buffer, horizon = 0, swept = horizon, lives } = JSON.parse(state) as State
    this.rules.restore(rules, setOf)
    this.rules.restoreLives(lives)
    this.buffer.restore(buffer)
    this.horizon = horizon
    this.swept = swept
  }

  /** Counts it where it is to be judged, at a record of this offset. */
  private judge(released: Released<RekeyedEvent>, offset: number, output: Output): void {
    const { key, item, receivedAt, time: own, behind } = released
    const { event, outcome, rules, partition } = item
    const ours = event.source === 'custodia'
    const place = ours ? { partition, offset: item.offset } : undefined
    const time = behind?.time ?? own
    const touched = touchedUntil(receivedAt, time)
    const mark = { passed_over: [] as string[], afresh: [] as string[] }
    const planOf = (seen: RuleEvent): Plan =>
      planAt(this.rules.planOf(seen), rules, seen, key).filter(({ state: { tree, lives } }) => {
        const counts = time - own <= countsLateMs(tree, ours)
        if (!counts) mark.passed_over.push(tree.root.name)
        else if (lives.judged(key, time, touched) && this.mayHaveForgotten(tree, time)) mark.afresh.push(tree.root.name)
        return counts
      })
    const the = { event, outcome, time, late: behind !== undefined, mayFreeze: ours, place }
    for (const alert of judge(planOf, the, sha256).alerts)
      output.alerts.push({ key: alert.id, value: { kind: 'raised', alert } })
    if (behind || mark.afresh.length)
      output.late.push({ key: event.id, value: { ...placeOf(released, offset), ...this.knowing(mark) } })
  }

  /**
   * Whether something that was judged before under the same key, and is forgotten, might matter to what is judged now: it was told
   * and judged an hour and as far as the rule reaches before anything was forgotten last.
   */
  private mayHaveForgotten(tree: RuleTree, time: number): boolean {
    return reachMs(tree) > 0 && time < this.swept - TOLD_APART_MS
  }

  /**
   * What was forgotten was received an hour before anything was forgotten last, or earlier; what is judged from then on was received
   * then or waited until then, for minutes. Halfway between the two no clock is exact enough to matter.
   */
  private knowing({ passed_over, afresh }: Pick<LateEvent, 'passed_over'> & { afresh: string[] }): Knowing {
    if (!afresh.length) return { passed_over }
    return { passed_over, afresh, since: new Date(this.swept - TOLD_APART_MS / 2).toISOString() }
  }
}

type Knowing = Pick<LateEvent, 'passed_over' | 'afresh' | 'since'>

const placeOf = (
  { key, id, time, item, behind }: Released<RekeyedEvent>,
  offset: number,
): Omit<LateEvent, keyof Knowing> => ({
  event_id: id,
  received_at: item.received_at,
  key,
  time: item.judged_at,
  judged_at: new Date(behind?.time ?? time).toISOString(),
  after: behind?.id ?? id,
  offset,
})
