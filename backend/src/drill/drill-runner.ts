import { Inject, Injectable, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common'
import { HttpAdapterHost } from '@nestjs/core'
import type { EventLog } from '@custodia/streams/event-log'
import { and, eq, lt, sql } from 'drizzle-orm'
import type { FastifyInstance } from 'fastify'
import type { Logger } from 'pino'
import { v7 as uuidv7 } from 'uuid'
import { EVENT_LOG, LOGGER, RECORD_STORE } from '../adapters.js'
import { CONFIG, type Config } from '../config.js'
import { Periodic } from '../periodic.js'
import type { RecordStore } from '../record-store/record-store.js'
import { drills } from '../record-store/schema.js'
import { Insider } from './insider.js'
import { play } from './play.js'
import { Stage } from './stage.js'

const sweepMs = 1000
const aliveMs = 5000
/** After so long without a word the gateway that played it is gone. */
const deadSeconds = 30

/**
 * Plays the drills that were asked for, wherever that was: the first gateway that sees one takes it. One that was left in the
 * middle by a gateway that was killed is ended as failed, and what was made for it is removed.
 */
@Injectable()
export class DrillRunner implements OnModuleInit, OnModuleDestroy {
  private readonly stopping = new AbortController()
  private readonly turns = new Periodic(
    () => this.takeUp(),
    (error) => this.logger.warn({ err: error }, 'drills: trying again'),
  )

  constructor(
    @Inject(RECORD_STORE) private readonly store: RecordStore,
    @Inject(EVENT_LOG) private readonly log: EventLog,
    @Inject(CONFIG) private readonly config: Config,
    @Inject(LOGGER) private readonly logger: Logger,
    private readonly stage: Stage,
    private readonly host: HttpAdapterHost,
  ) {}

  onModuleInit(): void {
    this.turns.start(sweepMs)
  }

  async onModuleDestroy(): Promise<void> {
    this.stopping.abort(new Error('The gateway that played it was stopped.'))
    await this.turns.stop()
  }

  soon(): void {
    this.turns.kick()
  }

  private async takeUp(): Promise<void> {
    await this.endDead()
    const account = uuidv7()
    const now = sql`now()`
    const next = this.store.db.select({ id: drills.id }).from(drills).where(eq(drills.state, 'asked')).limit(1)
    const [drill] = await this.store.db
      .update(drills)
      .set({ state: 'running', startedAt: now, aliveAt: now, accountId: account })
      .where(and(eq(drills.state, 'asked'), eq(drills.id, next)))
      .returning({ id: drills.id })
    if (drill) await this.run(drill.id, account)
  }

  private async run(id: string, account: string): Promise<void> {
    const alive = setInterval(() => void this.sayAlive(id), aliveMs)
    try {
      const outcome = await this.played(account)
      await this.stage.clear(account)
      await this.finish(id, outcome)
    } finally {
      clearInterval(alive)
    }
  }

  private async played(account: string): Promise<Partial<typeof drills.$inferInsert>> {
    try {
      const { log, store, stage } = this
      const http = this.host.httpAdapter.getInstance<FastifyInstance>()
      const insider = new Insider(http, this.config.http.origin)
      const credentials = await stage.account(account)
      const result = await play(account, credentials, { log, store, stage, insider, signal: this.stopping.signal })
      return { state: 'done', result }
    } catch (error) {
      this.logger.warn({ err: error }, 'drill: not played to its end')
      return { state: 'failed', problem: error instanceof Error ? error.message.slice(0, 500) : 'unknown' }
    }
  }

  private async finish(id: string, outcome: Partial<typeof drills.$inferInsert>): Promise<void> {
    await this.store.db
      .update(drills)
      .set({ ...outcome, accountId: null, finishedAt: sql`now()` })
      .where(eq(drills.id, id))
  }

  private async sayAlive(id: string): Promise<void> {
    await this.store.db
      .update(drills)
      .set({ aliveAt: sql`now()` })
      .where(eq(drills.id, id))
      .catch((error: unknown) => this.logger.warn({ err: error }, 'drill: the record store does not answer'))
  }

  private async endDead(): Promise<void> {
    const silent = lt(drills.aliveAt, sql`now() - make_interval(secs => ${deadSeconds})`)
    const dead = await this.store.db
      .select()
      .from(drills)
      .where(and(eq(drills.state, 'running'), silent))
    for (const { id, accountId } of dead) {
      if (accountId) await this.stage.clear(accountId)
      await this.finish(id, { state: 'failed', problem: 'The gateway that played it ended in the middle.' })
    }
  }
}
