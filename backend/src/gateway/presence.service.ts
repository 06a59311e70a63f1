import { hostname } from 'node:os'
import { Inject, Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common'
import { and, eq, lt, ne, sql, type SQL } from 'drizzle-orm'
import type { Logger } from 'pino'
import { LOGGER, RECORD_STORE } from '../adapters.js'
import { CaptureService } from '../capture/capture.service.js'
import { within } from '../capture/within.js'
import { CONFIG, type Config } from '../config.js'
import { Periodic } from '../periodic.js'
import type { RecordStore } from '../record-store/record-store.js'
import { gateways } from '../record-store/schema.js'

const everyMs = 10_000
/** A gateway that said nothing for so long is gone, or hangs. One that is killed and started again meanwhile is not told of. */
export const silentAfterMs = 60_000

/** A stop waits no longer for a record store that is gone, too. */
const goodbyeMs = 1000

const isSilent = lt(gateways.seenAt, sql`now() - make_interval(secs => ${silentAfterMs / 1000})`)

/**
 * Each gateway says every ten seconds that it is there, and goodbye when it is stopped. The others tell of one that
 * went without a word; of the last one it tells itself, when it is back.
 */
@Injectable()
export class PresenceService implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly name: string
  /** since when our own word has been heard every time: before, the others may not have been able to say theirs either */
  private heardSince?: number
  private lastRound?: number
  private readonly rounds = new Periodic(
    () => this.round(Date.now()),
    (error) => {
      this.heardSince = undefined
      this.logger.warn({ err: error }, 'which gateways are there is not known')
    },
  )

  constructor(
    @Inject(RECORD_STORE) private readonly store: RecordStore,
    @Inject(CONFIG) { http }: Config,
    @Inject(LOGGER) private readonly logger: Logger,
    private readonly capture: CaptureService,
  ) {
    this.name = `${hostname()}:${http.port}`
  }

  onApplicationBootstrap(): void {
    this.rounds.start(everyMs)
    this.rounds.kick()
  }

  async onModuleDestroy(): Promise<void> {
    await this.rounds.stop()
    const goodbye = this.store.db.delete(gateways).where(eq(gateways.name, this.name))
    await within(goodbyeMs, goodbye).catch((error: unknown) =>
      this.logger.warn({ err: error }, 'no goodbye: this gateway will be taken for lost'),
    )
  }

  async round(now: number): Promise<void> {
    // A record store that was away is no silence of ours; a process that stood still, or has just come back, is.
    const stoodStill = now - (this.lastRound ?? 0) >= silentAfterMs
    this.lastRound = now
    if (stoodStill) {
      this.heardSince = undefined
      await this.tellOf(eq(gateways.name, this.name))
    } else if (this.heardSince !== undefined && now - this.heardSince >= silentAfterMs)
      await this.tellOf(ne(gateways.name, this.name))
    const word = { target: gateways.name, set: { seenAt: sql`now()` } }
    await this.store.db.insert(gateways).values({ name: this.name }).onConflictDoUpdate(word)
    this.heardSince ??= now
  }

  /** Once, whoever sees it first: the event is in the log before the row is gone. */
  private async tellOf(which: SQL): Promise<void> {
    await this.store.db.transaction(async (tx) => {
      const silent = await tx.delete(gateways).where(and(isSilent, which)).returning({ name: gateways.name })
      for (const { name } of silent)
        await this.capture.append([
          this.capture.build('admin', 'failed', { actor: 'system', record_id: name, reason: 'gateway_silent' }),
        ])
    })
  }
}
