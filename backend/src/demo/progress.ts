import { Inject, Injectable } from '@nestjs/common'
import { eq } from 'drizzle-orm'
import { z } from 'zod'
import { RECORD_STORE } from '../adapters.js'
import type { Queries, RecordStore } from '../record-store/record-store.js'
import { settings } from '../record-store/schema.js'

const key = 'demo'

/** How far the demo data is. Its presence means that demo data is installed. */
export const DemoProgress = z.object({
  loading: z.boolean(),
  customers: z.number(),
  customers_total: z.number(),
  photos: z.number(),
})
export type DemoProgress = z.infer<typeof DemoProgress>
export const customersTotal = 2000

@Injectable()
export class DemoProgressStore {
  constructor(@Inject(RECORD_STORE) private readonly store: RecordStore) {}

  async read(): Promise<DemoProgress | undefined> {
    const [row] = await this.store.db.select().from(settings).where(eq(settings.key, key))
    return row && DemoProgress.parse(row.value)
  }

  async begin(): Promise<void> {
    const value: DemoProgress = { loading: true, customers: 0, customers_total: customersTotal, photos: 0 }
    await this.store.db.insert(settings).values({ key, value }).onConflictDoNothing()
  }

  /** False when the demo data was removed meanwhile: then there is nothing to go on with. */
  async update(value: DemoProgress): Promise<boolean> {
    const rows = await this.store.db
      .update(settings)
      .set({ value })
      .where(eq(settings.key, key))
      .returning({ key: settings.key })
    return rows.length > 0
  }

  async remove(tx: Queries): Promise<void> {
    await tx.delete(settings).where(eq(settings.key, key))
  }
}
