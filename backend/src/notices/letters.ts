import { Inject, Injectable } from '@nestjs/common'
import type { StoredNotice } from '@custodia/contracts'
import { and, asc, eq, sql } from 'drizzle-orm'
import { v7 as uuidv7 } from 'uuid'
import { RECORD_STORE } from '../adapters.js'
import type { RecordStore } from '../record-store/record-store.js'
import { noticeChannels } from '../record-store/schema.js'
import { Mouth } from './mouth.js'

/** What one person is told, and nobody else: through the mail servers of the house's channels, to their own address. */
@Injectable()
export class Letters {
  constructor(
    @Inject(RECORD_STORE) private readonly store: RecordStore,
    private readonly mouth: Mouth,
  ) {}

  /** Whether a mail server has taken it, by the first channel that works. Not kept: it may carry a secret. */
  async write(to: string[], notice: StoredNotice): Promise<boolean> {
    if (!to.length) return false
    const channels = await this.store.db
      .select()
      .from(noticeChannels)
      .where(and(eq(noticeChannels.kind, 'email'), sql`(${noticeChannels.settings}->>'enabled')::boolean`))
      .orderBy(asc(noticeChannels.id))
    const id = uuidv7()
    for (const channel of channels)
      if ((await this.mouth.say(channel, { id, notice, repeats: 1 }, to)).kind === 'delivered') return true
    return false
  }
}
