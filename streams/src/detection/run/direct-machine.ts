import { AccessEvent, keyOf } from '@custodia/contracts'
import type { FinalOutcome } from '@custodia/contracts'
import type { LogRecord } from '../../event-log/index.js'
import { letterOf } from '../../pipeline/index.js'
import { isByActor } from '../correlate/index.js'
import type { Plan } from '../correlate/index.js'
import { judge, resetAfterLift } from '../decide/index.js'
import { isServed, LiveCounts, type LiveRecord } from '../baselines/index.js'
import { sha256 } from './hash.js'
import type { Machine, RuleMemory } from './machine.js'
import { traceOf, type Output } from './output.js'
import { recordParser } from './parse.js'
import type { SetInForce } from './rule-book.js'
import { isAtItsActor, rekeyedRules } from './routes.js'
import { RulesInForce } from './rules-in-force.js'
import type { RulesRecord } from './rules-in-force.js'

interface State extends RulesRecord {
  /** absent in snapshots of 0.1.0 */
  live?: LiveRecord
}

const parseEvent = recordParser(AccessEvent)

/**
 * Stage one, at the actors' own partitions: judges our events by the rules that are grouped by actor, at log-append time,
 * answers held accesses, and sends on what other rules must see under another key.
 */
export class DirectMachine implements Machine {
  private readonly live = new LiveCounts()
  private readonly rules = new RulesInForce()

  step(record: LogRecord, set: SetInForce | undefined, output: Output): void {
    if (!this.rules.at(record.offset, record.appendedAt, set)) return // without rules nobody is let through: no verdict
    const parsed = parseEvent(record)
    if ('reason' in parsed) {
      output.deadLetters.push(letterOf(record, 'parseAccessEvent', parsed.reason))
      return
    }
    const event = parsed.value
    if (event.part_of) return // its header alone is judged and counted
    if (event.outcome === 'held' && !isAtItsActor(event)) {
      const reason = 'outcome: only an access of our own by a known actor is held'
      output.deadLetters.push(letterOf(record, 'judgeHeld', reason))
      return
    }
    resetAfterLift(this.rules.states, event)
    if (record.offset % 512 === 0) this.live.sweep(record.appendedAt)
    const outcome = isAtItsActor(event) ? this.judge(event, record, set, output) : event.outcome
    if (outcome !== 'held') this.sendOn(event, outcome, record, output)
  }

  memory(): RuleMemory[] {
    return this.rules.memory()
  }

  snapshot(): string {
    const state: State = { ...this.rules.snapshot(), live: this.live.snapshot() }
    return JSON.stringify(state)
  }

  restore(state: string, setOf: (version: string) => SetInForce | undefined): void {
    const { live = [], ...rules } = JSON.parse(state) as State
    this.live.restore(live)
    this.rules.restore(rules, setOf)
  }

  private judge(event: AccessEvent, record: LogRecord, set: SetInForce | undefined, output: Output): FinalOutcome {
    const { appendedAt, partition, offset } = record
    const place = { partition, offset }
    const baselines = set?.baselines
    const beside = this.live.look(event, appendedAt, baselines)
    const the = { event, time: appendedAt, late: false, mayFreeze: true, place, seen: beside }
    const { outcome, verdict, alerts } = judge((seen) => this.rules.planOf(seen).filter(byActor), the, sha256)
    if (beside && baselines && isServed(outcome)) this.live.count(event, appendedAt, beside, baselines.offsetMinutes)
    if (verdict) output.verdicts.push({ key: keyOf(event), value: verdict, trace: traceOf(record) })
    for (const alert of alerts)
      output.alerts.push({ key: alert.id, value: { kind: 'raised', alert }, trace: traceOf(record) })
    return outcome
  }

  private sendOn(event: AccessEvent, outcome: FinalOutcome, record: LogRecord, output: Output): void {
    const received_at = new Date(record.appendedAt).toISOString()
    const judged_at = event.source === 'custodia' ? received_at : new Date(event.time).toISOString()
    const { partition, offset } = record
    const seen = event.outcome === outcome ? event : { ...event, outcome }
    for (const [key, rules] of rekeyedRules(this.rules.planOf(seen), event, seen))
      output.rekeyed.push({
        key,
        value: { kind: 'event', rules, event, outcome, judged_at, received_at, partition, offset },
        trace: traceOf(record),
      })
  }
}

const byActor = ({ state }: Plan[number]): boolean => isByActor(state.tree)
