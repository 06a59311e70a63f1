import { Inject, Injectable, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common'
import { and, eq, isNotNull } from 'drizzle-orm'
import type { Logger } from 'pino'
import { LOGGER } from '../adapters.js'
import { Directory } from '../identity/doors/directory.js'
import { ProblemError } from '../gateway/problem.js'
import { Periodic } from '../periodic.js'
import { directoryHands } from '../power/told.js'
import { accounts } from '../record-store/schema.js'
import { OutboxService } from '../response/outbox.service.js'
import { Movers } from './movers.service.js'

/** Asks the directory from time to time who is gone there, disabled or without a role, and freezes them: they may never try to sign in again. */
@Injectable()
export class DirectorySync implements OnModuleInit, OnModuleDestroy {
  private readonly rounds = new Periodic(
    () => this.round(),
    (error) => this.logger.warn({ err: error }, 'directory: leavers are looked for again later'),
  )

  constructor(
    private readonly directory: Directory,
    private readonly movers: Movers,
    private readonly outbox: OutboxService,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  onModuleInit(): void {
    const { settings } = this.directory
    if (!settings?.syncMinutes) return
    this.rounds.start(settings.syncMinutes * 60_000)
  }

  async onModuleDestroy(): Promise<void> {
    await this.rounds.stop()
  }

  /** How many were frozen. */
  async round(): Promise<number> {
    const people = await this.movers.store.db
      .select({ id: accounts.id, subject: accounts.doorSubject })
      .from(accounts)
      .where(and(eq(accounts.door, 'ldap'), eq(accounts.status, 'active'), isNotNull(accounts.doorSubject)))
    const gone = await this.directory.gone(people.flatMap(({ subject }) => subject ?? []))
    const leavers = people.filter(({ subject }) => subject && gone.has(subject))
    if (!leavers.length) return 0
    const { brake, store } = this.movers
    try {
      // All of them or nobody: a wrong base, or a directory that was emptied, is not carried out in part.
      await brake.watch('directory', () => store.serialisable((tx) => brake.require(tx, leavers.length)))
    } catch (error) {
      if (!(error instanceof ProblemError)) throw error
      this.logger.error({ gone: gone.size, of: people.length, code: error.code }, 'directory: nobody is frozen')
      return 0
    }
    for (const { id } of leavers) await this.freeze(id)
    return leavers.length
  }

  private async freeze(id: string): Promise<void> {
    try {
      const freeze = await this.movers.store.serialisable((tx) => this.movers.leave(tx, id, 'system', directoryHands))
      if (freeze && freeze !== 'closed') this.outbox.kick({ kind: 'frozen', freeze })
    } catch (error) {
      if (!(error instanceof ProblemError)) throw error
      this.logger.warn({ account: id, code: error.code }, 'directory: this leaver could not be frozen')
    }
  }
}
