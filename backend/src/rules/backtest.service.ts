import { Inject, Injectable } from '@nestjs/common'
import type { BodyOf, ReplyOf, RuleFile, routes } from '@custodia/contracts'
import type { AuditStore } from '@custodia/streams/audit-store'
import type { EventLog } from '@custodia/streams/event-log'
import {
  backtest,
  type BacktestAsked,
  BacktestRefused,
  type BacktestReport,
  BacktestTooLarge,
} from '@custodia/streams/detection/backtest'
import { inChinese } from '@custodia/streams/detection/sql'
import { AUDIT_STORE, EVENT_LOG } from '../adapters.js'
import { CONFIG, type Config } from '../config.js'
import { ProblemError } from '../gateway/problem.js'
import { RulesService } from './rules.service.js'
import { isSettledWithin } from './settled.js'

type Asked = BodyOf<typeof routes.ruleBacktest>
type Told = ReplyOf<typeof routes.ruleBacktest>

/** One backtest at a time in a gateway, each so long and so many alerts at the most. */
export const backtestBounds = { seconds: 60, alerts: 20_000 }

/** So long a backtest waits for what came last to be judged and landed; after that it says that it was not. */
export const settlesWithinMs = 5_000

/** What a rule would have said over the past, beside what its version now in force says. */
@Injectable()
export class BacktestService {
  private running = false

  constructor(
    @Inject(AUDIT_STORE) private readonly store: AuditStore,
    @Inject(EVENT_LOG) private readonly log: EventLog,
    @Inject(CONFIG) private readonly config: Pick<Config, 'timeZone'>,
    private readonly rules: RulesService,
  ) {}

  async run({ from, to, ...asked }: Asked, signal?: AbortSignal): Promise<Told> {
    const { files } = await this.rules.current()
    const [told] = await this.each([asked], { from: Date.parse(from), to: Date.parse(to) }, files, signal)
    return told!
  }

  /** On how many of the period's days anything happened: a history of minutes is not one of months, however much is asked for. */
  async daysWithEvents({ from, to }: { from: number; to: number }): Promise<number> {
    const [row] = await this.store.query<{ days: number }>(
      `SELECT toUInt32(uniqExact(toDate(time))) AS days FROM access_events
WHERE time >= fromUnixTimestamp64Milli({from:Int64}) AND time < fromUnixTimestamp64Milli({to:Int64})`,
      { from, to },
    )
    return row?.days ?? 0
  }

  /** Several, one after the other, in one turn: nobody else's comes between. When the asker is gone it ends, where it runs, too. */
  async each(
    asked: readonly Pick<BacktestAsked, 'rule' | 'yaml' | 'file'>[],
    period: { from: number; to: number },
    files: readonly RuleFile[],
    signal?: AbortSignal,
  ): Promise<Told[]> {
    if (this.running) throw new ProblemError('backtest_running')
    this.running = true
    try {
      const deps = {
        store: this.store,
        clock: () => performance.now(),
        bounds: backtestBounds,
        timeZone: this.config.timeZone,
        ...(signal && { signal }),
      }
      const settled = await isSettledWithin(this.log, settlesWithinMs, signal)
      const all: Told[] = []
      for (const one of asked) all.push(told(await backtest({ ...one, ...period }, files, deps), settled))
      return all
    } catch (error) {
      if (signal?.aborted) throw new ProblemError('backtest_cancelled')
      if (error instanceof BacktestTooLarge) throw new ProblemError('backtest_too_large', { detail: error.message })
      if (error instanceof BacktestRefused)
        throw new ProblemError('rule_not_usable', { detail: error.said.en, detail_zh: error.said.zh })
      throw error
    } finally {
      this.running = false
    }
  }
}

const time = (ms: number): string => new Date(ms).toISOString()

const told = (
  { rule, live, days, examples, alerts, freezes, people, passedOver, by, why, cost }: BacktestReport,
  settled: boolean,
): Told => ({
  rule: rule.name,
  version: rule.version,
  title: rule.title,
  alerts,
  freezes,
  people,
  by,
  why,
  why_zh: why && inChinese(why),
  passed_over: passedOver,
  unsettled: settled ? undefined : true,
  cost,
  days: days.map((day, i) => ({ from: time(day.from), alerts: day.alerts, live: live?.summary.days[i]?.alerts })),
  examples: examples.map(({ at, ...alert }) => ({ ...alert, time: time(at) })),
  live: live && {
    version: live.version,
    same: live.same,
    alerts: live.summary.alerts,
    freezes: live.summary.freezes,
    people: live.summary.people,
    only_here: live.onlyHere,
    only_live: live.onlyLive,
  },
})
