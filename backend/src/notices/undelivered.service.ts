import { Inject, Injectable } from '@nestjs/common'
import type { NoticeOutcome, UndeliveredNotice } from '@custodia/contracts'
import { and, desc, eq, inArray, isNotNull } from 'drizzle-orm'
import { RECORD_STORE } from '../adapters.js'
import type { Access } from '../gateway/access.js'
import { ProblemError } from '../gateway/problem.js'
import type { RecordStore } from '../record-store/record-store.js'
import { noticeChannels, noticeDeliveries as deliveries, notices } from '../record-store/schema.js'
import { Deliveries } from './deliveries.js'
import { outcomeTold } from './outcome.js'
import { Sender } from './sender.js'

const most = 100
const pending = and(inArray(deliveries.state, ['waiting', 'undelivered']), isNotNull(deliveries.error))

/** What failed and has not arrived: for the desk to see, and to send again. */
@Injectable()
export class UndeliveredService {
  constructor(
    @Inject(RECORD_STORE) private readonly store: RecordStore,
    private readonly deliveries: Deliveries,
    private readonly sender: Sender,
  ) {}

  async list(access: Access): Promise<{ items: UndeliveredNotice[]; total: number }> {
    const { db } = this.store
    const rows = await db
      .select({ delivery: deliveries, notice: notices.notice, settings: noticeChannels.settings })
      .from(deliveries)
      .innerJoin(notices, eq(notices.id, deliveries.noticeId))
      .innerJoin(noticeChannels, eq(noticeChannels.id, deliveries.channelId))
      .where(pending)
      .orderBy(desc(deliveries.id))
      .limit(most)
    const total = await db.$count(deliveries, pending)
    await access.grant({ fields: ['notices'], count: rows.length })
    const items = rows.map(({ delivery, notice, settings }): UndeliveredNotice => ({
      id: delivery.id,
      channel: delivery.channelId,
      channel_name: settings.name,
      kind: notice.kind,
      severity: notice.severity,
      title: notice.title,
      at: notice.at,
      state: delivery.state === 'waiting' ? 'waiting' : 'undelivered',
      attempts: delivery.attempts,
      next_at: delivery.dueAt?.toISOString(),
      error: delivery.error ?? '',
      alert_id: notice.alert_id,
    }))
    return { items, total }
  }

  /** Now, whatever the hour: a person asked for it. */
  async retry(access: Access, id: string): Promise<NoticeOutcome> {
    access.about({ record_id: id, reason: 'notice sent again' })
    const claim = await this.store.db.transaction(async (tx) => {
      const [row] = await tx
        .select()
        .from(deliveries)
        .where(and(eq(deliveries.id, id), pending))
        .for('update')
      if (!row) throw new ProblemError('not_found')
      const claimed = await this.deliveries.reclaim(tx, row)
      if (!claimed) throw new ProblemError('conflict', { detail: 'It is being sent right now.' })
      await access.grant()
      return claimed
    })
    return outcomeTold(await this.sender.say(claim))
  }
}
