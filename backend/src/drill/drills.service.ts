import { Inject, Injectable } from '@nestjs/common'
import type { Drill } from '@custodia/contracts'
import { desc } from 'drizzle-orm'
import { RECORD_STORE } from '../adapters.js'
import type { Access } from '../gateway/access.js'
import { ProblemError } from '../gateway/problem.js'
import type { RecordStore } from '../record-store/record-store.js'
import { drills } from '../record-store/schema.js'
import { NamesService } from '../timelines/names.service.js'
import { DrillRunner } from './drill-runner.js'
import { asDrill, askForDrill } from './drill-row.js'

const shown = 50

/** Drills as they are asked for and looked at; playing them is the runner's. */
@Injectable()
export class DrillsService {
  constructor(
    @Inject(RECORD_STORE) private readonly store: RecordStore,
    private readonly names: NamesService,
    private readonly runner: DrillRunner,
  ) {}

  async list(access: Access): Promise<{ items: Drill[] }> {
    const rows = await this.store.db.select().from(drills).orderBy(desc(drills.askedAt)).limit(shown)
    const names = await this.names.of(rows.map(({ by }) => by))
    await access.grant({ fields: ['drills'], count: rows.length })
    return { items: rows.map((row) => asDrill(row, names.get(row.by))) }
  }

  async start(access: Access): Promise<Drill> {
    const { id: by, displayName } = access.who
    const row = await this.store.db.transaction(async (tx) => {
      const asked = await askForDrill(tx, by)
      if (!asked) throw new ProblemError('conflict', { detail: 'A drill is running already: wait for its result.' })
      await access.grant({ record_id: asked.id, reason: 'drill' })
      return asked
    })
    this.runner.soon()
    return asDrill(row, displayName)
  }
}
