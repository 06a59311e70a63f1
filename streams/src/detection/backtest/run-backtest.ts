import type { AuditStore, QueryCost } from '../../audit-store/index.js'
import type { Hash } from '../decide/index.js'
import { plantTree } from '../correlate/index.js'
import type { Rule } from '../sigma/index.js'
import { replayReason, toSql } from '../sql/index.js'
import { askSql } from './ask-sql.js'
import { readPast } from './past-accesses.js'
import type { Answer, PastAlert, Reading } from './reading.js'
import { replayRule } from './replay.js'
import { BacktestTooLarge, inOurWords } from './too-large.js'

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
}

export interface Backtest {
  alerts: PastAlert[]
  /** by SQL, or by the engine and why */
  by: 'sql' | 'replay'
  why?: string
  cost: QueryCost & { ms: number }
}

interface Deps {
  store: AuditStore
  /** milliseconds, of a clock that only runs forward */
  clock: () => number
  hash: Hash
  bounds: BacktestBounds
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
  private why?: string

  constructor(
    private readonly question: BacktestQuestion,
    private readonly deps: Deps,
  ) {
    this.startedAt = deps.clock()
  }

  async all(): Promise<Backtest> {
    const { rule, rules, from, to } = this.question
    const { lookbackMs } = plantTree(rule, rules)
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
      const { alerts, unsure } = await this.answer(reading)
      if (alerts.length > this.deps.bounds.alerts)
        throw new BacktestTooLarge(`it gives more than ${this.deps.bounds.alerts} alerts: take a shorter period`)
      if (unsure && !reading.whole) continue
      const cost = { ...this.cost, ms: Math.round(this.deps.clock() - this.startedAt) }
      return {
        alerts,
        by: this.why === undefined ? 'sql' : 'replay',
        ...(this.why !== undefined && { why: this.why }),
        cost,
      }
    }
  }

  private async answer(reading: Reading): Promise<Answer> {
    const { rule, rules } = this.question
    const { store, hash, bounds } = this.deps
    if (this.why === undefined) {
      const statement = toSql(rule, rules)
      if ('unsupported' in statement) this.why = statement.unsupported
      else
        try {
          return await askSql(store, rule, statement, reading, hash, { ...this.options(), limit: bounds.alerts + 1 })
        } catch (error) {
          this.why = replayReason(error)
          if (this.why === undefined) throw error
        }
    }
    return replayRule(rule, rules, await readPast(store, reading, this.options()), reading, hash)
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
    return { maxSeconds: Math.ceil(left), cost }
  }
}
