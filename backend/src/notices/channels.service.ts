import { Inject, Injectable } from '@nestjs/common'
import { routes, type ChannelConfig, type InputOf, type NoticeChannel, type NoticeOutcome } from '@custodia/contracts'
import { asc, eq } from 'drizzle-orm'
import { v7 as uuidv7 } from 'uuid'
import { RECORD_STORE } from '../adapters.js'
import type { Access } from '../gateway/access.js'
import { ProblemError } from '../gateway/problem.js'
import type { RecordStore } from '../record-store/record-store.js'
import { noticeChannels } from '../record-store/schema.js'
import type { Channel } from './deliveries.js'
import { Mouth } from './mouth.js'
import { outcomeTold } from './outcome.js'
import { testNotice } from './told.js'

const most = 100

/** Channels, as administrators manage them. What was put in as `config` never comes out here again. */
@Injectable()
export class ChannelsService {
  constructor(
    @Inject(RECORD_STORE) private readonly store: RecordStore,
    private readonly mouth: Mouth,
  ) {}

  async list(access: Access): Promise<{ items: NoticeChannel[] }> {
    const rows = await this.store.db.select().from(noticeChannels).orderBy(asc(noticeChannels.id)).limit(most)
    await access.grant({ fields: ['notice_channels'], count: rows.length })
    return { items: rows.map(asChannel) }
  }

  async create(access: Access, { body }: InputOf<typeof routes.noticeChannelCreate>): Promise<NoticeChannel> {
    const { config, ...settings } = body
    const id = uuidv7()
    const sealed = { kind: config.kind, target: targetOf(config), config: await this.mouth.seal(id, config) }
    return this.store.db.transaction(async (tx) => {
      const [row] = await tx
        .insert(noticeChannels)
        .values({ id, settings, ...sealed })
        .returning()
      await access.grant({ record_id: id, reason: 'notice channel created' })
      return asChannel(row as Channel)
    })
  }

  async update(
    access: Access,
    { params: { id }, body }: InputOf<typeof routes.noticeChannelUpdate>,
  ): Promise<NoticeChannel> {
    const { config, ...changed } = body
    access.about({ record_id: id, reason: 'notice channel changed', fields: Object.keys(body) })
    const sealed = config && { kind: config.kind, target: targetOf(config), config: await this.mouth.seal(id, config) }
    return this.store.db.transaction(async (tx) => {
      const [before] = await tx.select().from(noticeChannels).where(eq(noticeChannels.id, id)).for('update')
      if (!before) throw new ProblemError('not_found')
      const [row] = await tx
        .update(noticeChannels)
        .set({ settings: { ...before.settings, ...changed }, ...sealed })
        .where(eq(noticeChannels.id, id))
        .returning()
      await access.grant()
      return asChannel(row as Channel)
    })
  }

  async remove(access: Access, id: string): Promise<void> {
    access.about({ record_id: id, reason: 'notice channel removed' })
    await this.store.db.transaction(async (tx) => {
      const gone = await tx.delete(noticeChannels).where(eq(noticeChannels.id, id)).returning({ id: noticeChannels.id })
      if (!gone.length) throw new ProblemError('not_found')
      await access.grant()
    })
  }

  /** Says now what would be said: no quiet hours, no retries. */
  async test(access: Access, id: string): Promise<NoticeOutcome> {
    access.about({ record_id: id, reason: 'notice channel tested' })
    const [channel] = await this.store.db.select().from(noticeChannels).where(eq(noticeChannels.id, id))
    if (!channel) throw new ProblemError('not_found')
    await access.grant()
    const outcome = await this.mouth.say(channel, { id: uuidv7(), notice: testNotice(new Date()), repeats: 1 })
    return outcomeTold(outcome)
  }
}

/** The host alone: the rest of such an address is often the secret. */
const targetOf = (config: ChannelConfig): string => ('url' in config ? new URL(config.url).host : config.host)

const asChannel = ({ id, kind, target, settings, createdAt }: Channel): NoticeChannel => ({
  ...settings,
  id,
  kind,
  target,
  created_at: createdAt.toISOString(),
})
