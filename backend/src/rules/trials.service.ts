import { Inject, Injectable } from '@nestjs/common'
import type { InputOf, RuleTrial, RuleVersion, routes } from '@custodia/contracts'
import { and, eq, inArray, sql } from 'drizzle-orm'
import { RECORD_STORE } from '../adapters.js'
import { CONFIG, type Config } from '../config.js'
import type { Access } from '../gateway/access.js'
import { ProblemError } from '../gateway/problem.js'
import type { RecordStore } from '../record-store/record-store.js'
import { ruleVersions } from '../record-store/schema.js'
import { NamesService } from '../timelines/names.service.js'
import { BacktestService } from './backtest.service.js'
import { asVersion, liveFiles, peopleOf, versionRow } from './rule-rows.js'
import { kept, limitsPassed } from './trial.js'
import { fileOf } from './file-names.js'
import { RuleWorkshop } from './rule-workshop.js'

const DAY = 86_400_000

/** Backtests of versions, kept with them: what everything that would change would have said. */
@Injectable()
export class TrialsService {
  constructor(
    @Inject(RECORD_STORE) private readonly store: RecordStore,
    @Inject(CONFIG) private readonly config: Config,
    private readonly backtests: BacktestService,
    private readonly names: NamesService,
    private readonly workshop: RuleWorkshop,
  ) {}

  async run(
    access: Access,
    { params, body }: InputOf<typeof routes.ruleTry>,
    signal: AbortSignal,
  ): Promise<RuleVersion> {
    const { id: name, number } = params
    access.about({ record_id: `${name}@${number}`, fields: ['rule.backtest'] })
    const version = await versionRow(this.store.db, name, number)
    if (!version) throw new ProblemError('not_found')
    const inForce = await liveFiles(this.store.db)
    const text = { file: fileOf(name), yaml: version.yaml }
    const { judging } = await this.workshop.usable(inForce, text)
    const asked = judging.map((rule) => ({ rule, ...text }))
    const to = Date.now()
    const period = { from: to - body.days * DAY, to }
    const rules = await this.backtests.each(asked, period, inForce, signal)
    const days = await this.backtests.daysWithEvents(period)
    const { limits } = this.config.rules
    const trial: RuleTrial = {
      at: new Date().toISOString(),
      by: access.who.id,
      from: new Date(period.from).toISOString(),
      to: new Date(to).toISOString(),
      rules,
      limits,
      failed: limitsPassed(rules, Math.max(1, Math.min(body.days, days)), limits),
    }
    return this.store.db.transaction(async (tx) => {
      // of this very text, and not of one that was saved over it meanwhile
      const same = and(eq(ruleVersions.yaml, version.yaml), inArray(ruleVersions.state, ['draft', 'proposed']))
      const [saved] = await tx
        .update(ruleVersions)
        .set({ trial, trials: sql`${ruleVersions.trials} || ${JSON.stringify([kept(trial, version.yaml)])}::jsonb` })
        .where(and(eq(ruleVersions.name, name), eq(ruleVersions.number, number), same))
        .returning()
      if (!saved) throw new ProblemError('conflict')
      await access.grant({ count: rules.reduce((sum, { alerts }) => sum + alerts, 0) })
      return asVersion(saved, await this.names.of(peopleOf(saved)))
    })
  }
}
