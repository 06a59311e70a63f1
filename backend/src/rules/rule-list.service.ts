import { Inject, Injectable } from '@nestjs/common'
import type { InputOf, KeptRule, ReplyOf, routes } from '@custodia/contracts'
import { TookTooLong } from '@custodia/streams/detection/workshop'
import { and, eq, gte, sql } from 'drizzle-orm'
import { RECORD_STORE } from '../adapters.js'
import { CONFIG, type Config } from '../config.js'
import type { Access } from '../gateway/access.js'
import type { RecordStore } from '../record-store/record-store.js'
import { alerts } from '../record-store/schema.js'
import { NamesService } from '../timelines/names.service.js'
import { everyVersion, liveFiles, openVersions } from './rule-rows.js'
import type { RuleVersionRow } from './rule-rows.js'
import { isGoodEnough } from './trial.js'
import { fileOf } from './file-names.js'
import { RuleWorkshop } from './rule-workshop.js'

const shownDays = 30

const asOpen = (row: RuleVersionRow, names: ReadonlyMap<string, string>): KeptRule['open'][number] => {
  const last = row.trials.at(-1)
  return {
    number: row.number,
    state: row.state === 'draft' ? 'draft' : 'proposed',
    author: row.author ?? undefined,
    author_name: names.get(row.author ?? ''),
    at: row.createdAt.toISOString(),
    base: row.base ?? undefined,
    two_persons: row.twoPersons,
    tried:
      row.rollbackTo !== null || isGoodEnough(row, Date.now())
        ? 'passed'
        : row.trial?.failed.length
          ? 'not_passed'
          : 'no',
    ...(row.trial && last && { alerts: last.alerts, freezes: last.freezes }),
  }
}

/** What the rules page shows, and what a text would be among the rules in force. */
@Injectable()
export class RuleListService {
  constructor(
    @Inject(RECORD_STORE) private readonly store: RecordStore,
    @Inject(CONFIG) private readonly config: Config,
    private readonly names: NamesService,
    private readonly workshop: RuleWorkshop,
  ) {}

  async files(access: Access): Promise<ReplyOf<typeof routes.ruleFiles>> {
    const [rows, openOnes] = [await everyVersion(this.store.db), await openVersions(this.store.db)]
    const names = await this.names.of(rows.map(({ author }) => author ?? undefined))
    const kept = new Map<string, KeptRule>()
    for (const { name, number, state, author, decidedAt } of rows) {
      const rule = kept.get(name) ?? { name, open: [] }
      kept.set(name, rule)
      const by = { author: author ?? undefined, author_name: names.get(author ?? '') }
      if (state === 'live')
        Object.assign(rule, {
          live: number,
          changed_at: decidedAt?.toISOString(),
          changed_by: by.author,
          changed_by_name: by.author_name,
        })
    }
    for (const row of openOnes) kept.get(row.name)?.open.push(asOpen(row, names))
    await access.grant({ fields: ['rule_files'], count: kept.size })
    return { items: [...kept.values()] }
  }

  /** Alerts a day, and what people said of them. Drills are no statistic. */
  async figures(access: Access): Promise<ReplyOf<typeof routes.ruleFigures>> {
    const zone = this.config.timeZone
    const day = sql<string>`to_char(${alerts.time} at time zone ${zone}::text, 'YYYY-MM-DD')`
    const verdicts = (verdict: string) => sql<number>`count(*) filter (where ${alerts.verdict} = ${verdict})::int`
    const rows = await this.store.db
      .select({
        rule: alerts.rule,
        day,
        alerts: sql<number>`count(*)::int`,
        shadow: sql<number>`count(*) filter (where ${alerts.alert}->>'mode' = 'shadow')::int`,
        true: verdicts('true'),
        benign: verdicts('benign'),
        false: verdicts('false'),
      })
      .from(alerts)
      .where(and(eq(alerts.drill, false), gte(alerts.time, sql`now() - make_interval(days => ${shownDays})`)))
      .groupBy(alerts.rule, sql`2`)
    const format = new Intl.DateTimeFormat('en-CA', { timeZone: zone })
    const days = Array.from({ length: shownDays }, (_, i) =>
      format.format(Date.now() - (shownDays - 1 - i) * 86_400_000),
    )
    const items = [...Map.groupBy(rows, ({ rule }) => rule)].map(([rule, of]) => ({
      rule,
      alerts: days.map((one) => of.find((row) => row.day === one)?.alerts ?? 0),
      shadow: of.reduce((sum, row) => sum + row.shadow, 0),
      true: of.reduce((sum, row) => sum + row.true, 0),
      benign: of.reduce((sum, row) => sum + row.benign, 0),
      false: of.reduce((sum, row) => sum + row.false, 0),
    }))
    await access.grant({ fields: ['rule_figures'], count: items.length })
    return { days, items }
  }

  async check(access: Access, { body }: InputOf<typeof routes.ruleCheck>): Promise<ReplyOf<typeof routes.ruleCheck>> {
    const { name, yaml } = body
    await access.grant({ fields: ['rule.check'], record_id: name })
    return this.workshop.changes(await liveFiles(this.store.db), { file: fileOf(name), yaml })
  }

  async test(access: Access, { body }: InputOf<typeof routes.ruleTest>): Promise<ReplyOf<typeof routes.ruleTest>> {
    const { name, yaml, cases } = body
    await access.grant({ fields: ['rule.test'], record_id: name })
    const inForce = await liveFiles(this.store.db)
    const beside = { file: `${name}.cases.yml`, yaml: cases }
    const results = await this.workshop
      .ask('test', inForce, { file: fileOf(name), yaml }, beside)
      .catch((error: unknown) => {
        if (!(error instanceof TookTooLong)) throw error
        const told = { file: beside.file, reason: 'these cases take too long', reason_zh: '这些用例耗时过长' }
        return [{ name: undefined, problems: [told] }]
      })
    return { results: results.map((one) => ({ name: one.name, problems: one.problems })) }
  }
}
