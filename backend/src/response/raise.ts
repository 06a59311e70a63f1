import type { Alert } from '@custodia/contracts'
import type { Queries } from '../record-store/record-store.js'
import { outbox } from '../record-store/schema.js'

/** An alert of the house itself, true with this transaction or never: the outbox carries it to the log. */
export async function raise(tx: Queries, alert: Alert): Promise<void> {
  await tx.insert(outbox).values({ topic: 'alerts', key: alert.id, value: { kind: 'raised', alert } })
}
