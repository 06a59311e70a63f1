import { Inject, Injectable } from '@nestjs/common'
import type { OwnSession } from '@custodia/contracts'
import { RECORD_STORE } from '../adapters.js'
import { Enricher } from '../capture/enricher.js'
import type { Access } from '../gateway/access.js'
import { ProblemError } from '../gateway/problem.js'
import type { RecordStore } from '../record-store/record-store.js'
import { networkOf } from './network.js'
import { endOtherSessions, endOwnSession } from './session-ends.js'
import { SessionsService } from './sessions.service.js'

/** Where a person is signed in, and the end of it. */
@Injectable()
export class OwnSessionsService {
  constructor(
    @Inject(RECORD_STORE) private readonly store: RecordStore,
    private readonly sessions: SessionsService,
    private readonly enricher: Enricher,
  ) {}

  async list(access: Access): Promise<{ items: OwnSession[] }> {
    const rows = await this.sessions.list(access.who)
    await access.grant({ count: rows.length, subject: access.who.id })
    return {
      items: rows.map((row) => ({
        id: row.id,
        current: row.id === access.who.session,
        user_agent: row.userAgent,
        country: this.enricher.countryOf(row.ip),
        network: row.network || networkOf(row.ip),
        created_at: row.createdAt.toISOString(),
        last_seen_at: row.lastSeenAt.toISOString(),
        expires_at: row.expiresAt.toISOString(),
      })),
    }
  }

  async endOne(access: Access, id: string): Promise<void> {
    access.about({ record_id: id, reason: 'revoked' })
    await this.store.db.transaction(async (tx) => {
      if (!(await endOwnSession(tx, access.who, id))) throw new ProblemError('not_found')
      await access.grant()
    })
  }

  async endOthers(access: Access): Promise<{ ended: number }> {
    return this.store.db.transaction(async (tx) => {
      const ended = await endOtherSessions(tx, access.who)
      await access.grant({ count: ended.length, reason: 'revoked' })
      return { ended: ended.length }
    })
  }
}
