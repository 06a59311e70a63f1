import type { RouteName } from '@custodia/contracts'
import { eq } from 'drizzle-orm'
import type { RecordStore } from '../record-store/record-store.js'
import { stepUps } from '../record-store/schema.js'
import type { Call, TestClient } from './client.js'

/** The header that tells of a fresh proof for this very request: asked for as ever, and given without its ceremony. */
export async function proofFor<R extends RouteName>(
  { records }: { records: RecordStore },
  client: TestClient,
  name: R,
  call: Call<R> = {},
): Promise<Record<string, string>> {
  const { body } = await client.call(name, call)
  const { id } = (body as unknown as { step_up: { id: string } }).step_up
  await records.db.update(stepUps).set({ provenAt: new Date() }).where(eq(stepUps.id, id))
  return { 'custodia-step-up': id }
}
