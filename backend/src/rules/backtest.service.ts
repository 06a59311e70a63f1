import { Inject, Injectable } from '@nestjs/common'
import type { BodyOf, ReplyOf, routes } from '@custodia/contracts'
import type { AuditStore } from '@custodia/streams/audit-store'
import { backtest, BacktestRefused, type BacktestReport, BacktestTooLarge } from '@custodia/streams/detection/backtest'
import { AUDIT_STORE } from '../adapters.js'
import { ProblemError } from '../gateway/problem.js'
import { RulesService } from './rules.service.js'

type Asked = BodyOf<typeof routes.ruleBacktest>
type Told = ReplyOf<typeof routes.ruleBacktest>

/** One backtest at a time in a gateway, each so long and so many alerts at the most. */
export const backtestBounds = { seconds: 60, alerts: 20_000 }

/** What a rule would have said over the past, beside what its version now in force says. */
@Injectable()
export class BacktestService {
  private running = false

  constructor(
    @Inject(AUDIT_STORE) private readonly store: AuditStore,
    private readonly rules: RulesService,
  ) {}

  async run({ from, to, ...asked }: Asked): Promise<Told> {
    if (this.running) throw new ProblemError('backtest_running')
    this.running = true
    try {
      const { files } = await this.rules.current()
      const period = { from: Date.parse(from), to: Date.parse(to) }
      const deps = { store: this.store, clock: () => performance.now(), bounds: backtestBounds }
      return told(await backtest({ ...asked, ...period }, files, deps))
    } catch (error) {
      if (error instanceof BacktestTooLarge) throw new ProblemError('backtest_too_large', { detail: error.message })
      if (error instanceof BacktestRefused) throw new ProblemError('rule_not_usable', { detail: error.message })
      throw error
    } finally {
      this.running = false
    }
  }
}

const time = (ms: number): string => new Date(ms).toISOString()

const told = ({ rule, live, days, examples, alerts, freezes, people, by, why, cost }: BacktestReport): Told => ({
  rule: rule.name,
  version: rule.version,
  title: rule.title,
  alerts,
  freezes,
  people,
  by,
  why,
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
