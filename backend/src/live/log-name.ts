import { Inject, Injectable } from '@nestjs/common'
import { eq } from 'drizzle-orm'
import { v7 as uuidv7 } from 'uuid'
import { RECORD_STORE } from '../adapters.js'
import type { RecordStore } from '../record-store/record-store.js'
import { settings } from '../record-store/schema.js'

/** Its value names the log whose offsets the cursors of open pages count in. A restore takes it away: offsets begin anew. */
export const logNameKey = 'live-log'

/** The name of this installation's log, the same for all its gateways. */
@Injectable()
export class LogName {
  private known?: string

  constructor(@Inject(RECORD_STORE) private readonly store: RecordStore) {}

  async get(): Promise<string> {
    return (this.known ??= await this.find())
  }

  private async find(): Promise<string> {
    const { db } = this.store
    await db.insert(settings).values({ key: logNameKey, value: uuidv7() }).onConflictDoNothing()
    const [row] = await db.select({ value: settings.value }).from(settings).where(eq(settings.key, logNameKey))
    return String(row?.value)
  }
}
