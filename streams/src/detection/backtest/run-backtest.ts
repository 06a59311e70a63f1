import type { AuditStore, QueryCost } from '../../audit-store/index.js'
import { dayMs, readsBaselines } from '../baselines/index.js'
import type { Hash } from '../decide/index.js'
import { countsLateMs, plantTree, type RuleTree } from '../correlate/index.js'
import type { Rule } from '../sigma/index.js'
import { accessHistory, punctualHistory, replayReason, toSql, type WhyReplayed } from '../sql/index.js'
import { askSql } from './ask-sql.js'
import { accessesAtOnce, readAfresh, readPast } from './past-accesses.js'
import { peopleTouched } from './people.js'
import { type Answer, dateTime, type PastAlert, type Reading } from './reading.js'
import { RuleReplay } from './replay.js'
import { usualBetween } from './usual-between.js'
import { eachStretch, endsOf, eventsAtOnce } from './stretches.js'
import { BacktestTooLarge, inOurWords, tooManyAlerts } from './too-large.js'

export interface BacktestQuestion {
  rule: Rule
  /** what it counts, itself among them */
  rules: readonly Rule[]
  /** milliseconds; the alerts of [from, to) */
  from: number
  to: number
}

export interface BacktestBounds {
  seconds: number
  alerts: number
  /** so many are asked about in one statement, and no more in memory at once */
  events?: number
}

export interface Backtest {
  alerts: PastAlert[]
  people: number
  /** events of the period that came too late for the rule of this name, live: it counted them nowhere */
  passedOver: number
  /** by SQL, or by the engine and why */
  by: 'sql' | 'replay'
  why?: WhyReplayed
  cost: QueryCost & { ms: number }
}

interface Deps {
  store: AuditStore
  /** milliseconds, of a clock that only runs forward */
  clock: () => number
  hash: Hash
  bounds: BacktestBounds
  /** nobody waits for the answer any more */
  signal?: AbortSignal
  /** by which days are cut for rules that read what is usual */
  timeZone: string
}

/**
 * What a rule would have said in a period, by SQL where that is exact, else by the engine. Reading begins far enough before the
 * period for each group's suppression to be known, or at the first access there is.
 */
export const runBacktest = async (question: BacktestQuestion, deps: Deps): Promise<Backtest> => {
  try {
    return await new Run(question, deps).all()
  } catch (error) {
    throw inOurWords(error)
  }
}

class Run {
  private readonly startedAt: number
  private readonly cost: QueryCost = { rows: 0, bytes: 0 }
  private readonly tree: RuleTree
  private readonly readsBaselines: boolean
  private why?: WhyReplayed

  constructor(
    private readonly question: BacktestQuestion,
    private readonly deps: Deps,
  ) {
    this.startedAt = deps.clock()
    this.tree = plantTree(question.rule, question.rules)
    this.readsBaselines = readsBaselines(this.tree)
  }

  async all(): Promise<Backtest> {
    this.deps.signal?.throwIfAborted()
    const { rule, from, to } = this.question
    // today's counts begin at midnight, and a risk is forgotten after a week
    const lookbackMs = this.tree.lookbackMs + (this.readsBaselines ? 7 * dayMs : 0)
    const suppressMs = rule.custodia.suppressSeconds * 1000
    const beginning = await this.beginning()
    for (let times = 1; ; times *= 4) {
      const start = Math.max(from - lookbackMs - suppressMs * times, beginning)
      const reading = {
        start,
        from: Math.max(from, beginning),
        to: Math.max(to, beginning),
        whole: start === beginning,
      }
      const { alerts: all, unsure } = await this.answer(reading)
      if (unsure && !reading.whole) continue
      const alerts = onceEach(all)
      const people = await peopleTouched(this.deps.store, alerts, () => this.options())
      const passedOver = await this.passedOver()
      const cost = { ...this.cost, ms: Math.round(this.deps.clock() - this.startedAt) }
      return {
        alerts,
        people,
        passedOver,
        by: this.why === undefined ? 'sql' : 'replay',
        ...(this.why !== undefined && { why: this.why }),
        cost,
      }
    }
  }

  private async answer(reading: Reading): Promise<Answer> {
    const { rule, rules } = this.question
    const { store, hash, bounds } = this.deps
    const lateMs = Math.max(dayMs, countsLateMs(this.tree, true))
    if (this.why === undefined) {
      const history = (await this.cameLate(reading, lateMs)) ? accessHistory : punctualHistory
      const statement = toSql(rule, rules, history)
      if ('unsupported' in statement) this.why = statement.unsupported
      else
        try {
          return await askSql(store, rule, statement, reading, hash, {
            ends: await endsOf(store, reading, bounds.events ?? eventsAtOnce, this.options()),
            most: bounds.alerts,
            bounds: () => this.options(),
          })
        } catch (error) {
          this.why = replayReason(error)
          if (this.why === undefined) throw error
        }
    }
    const afresh = await readAfresh(store, rule.name, reading, this.options())
    const usualOn = this.readsBaselines ? await usualBetween(store, reading, this.deps.timeZone) : undefined
    const replay = new RuleReplay(rule, rules, reading, hash, { usualOn, afresh, signal: this.deps.signal })
    const ends = await endsOf(store, reading, Math.min(bounds.events ?? Infinity, accessesAtOnce), this.options())
    await eachStretch(reading, 0, ends, async (stretch) => {
      await replay.add(await readPast(store, stretch, lateMs, this.options()), stretch.to)
      if (replay.found > bounds.alerts) throw tooManyAlerts(bounds.alerts)
    })
    return replay.answer()
  }

  /** whether anything was judged out of its order in this period, or by a rule that had forgotten something of it */
  private async cameLate({ start, to }: Reading, lateMs: number): Promise<boolean> {
    const marks = await this.deps.store.query(
      `SELECT 1 FROM late_events WHERE time >= {earliest:DateTime64(3, 'UTC')} AND time < {to:DateTime64(3, 'UTC')}
OR has(afresh, {rule:String}) AND since >= {start:DateTime64(3, 'UTC')} - INTERVAL 1 HOUR LIMIT 1`,
      { earliest: dateTime(start - lateMs), start: dateTime(start), to: dateTime(to), rule: this.question.rule.name },
      this.options(),
    )
    return marks.length > 0
  }

  private async passedOver(): Promise<number> {
    const { rule, from, to } = this.question
    const [row] = await this.deps.store.query<{ events: number }>(
      `SELECT toUInt32(uniqExact(event_id, received_at)) AS events FROM late_events
WHERE has(passed_over, {rule:String}) AND judged_at >= {from:DateTime64(3, 'UTC')} AND judged_at < {to:DateTime64(3, 'UTC')}`,
      { rule: rule.name, from: dateTime(from), to: dateTime(to) },
      this.options(),
    )
    return row?.events ?? 0
  }

  /** the first moment that anything is kept of */
  private async beginning(): Promise<number> {
    const [row] = await this.deps.store.query<{ ms: number }>(
      `SELECT toUnixTimestamp64Milli(min(if(source = 'custodia', appended_at, time))) AS ms FROM access_events`,
      {},
      this.options(),
    )
    return row?.ms ?? 0
  }

  private options() {
    const left = this.deps.bounds.seconds - (this.deps.clock() - this.startedAt) / 1000
    if (left < 1) throw new BacktestTooLarge('it took longer than a backtest is given: take a shorter period')
    const cost = ({ rows, bytes }: QueryCost): void => {
      this.cost.rows += rows
      this.cost.bytes += bytes
    }
    const { signal } = this.deps
    return { maxSeconds: Math.ceil(left), cost, ...(signal && { signal }) }
  }
}

/** An event whose id came again is another one; what it fires again is the alert that the desk has. */
const onceEach = (alerts: readonly PastAlert[]): PastAlert[] => {
  const known = new Set<string>()
  return alerts.filter(({ id }) => !known.has(id) && known.add(id))
}
