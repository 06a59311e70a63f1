import { eq } from 'drizzle-orm'
import { stepUps } from '../../record-store/schema.js'
import type { Answer, Browser } from '../../testing/browser.js'
import type { Rooms } from '../../testing/start-rooms.js'

/** Sends what wants a fresh proof: refused first, then with the proof that was asked for, given without its ceremony. */
export async function fresh(
  { records }: Pick<Rooms, 'records'>,
  browser: Browser,
  method: 'POST' | 'DELETE',
  path: string,
  body?: unknown,
): Promise<Answer> {
  const refused = await browser.send(method, `/api/v1${path}`, body)
  if (refused.body['code'] !== 'step_up_required') return refused
  const { id } = refused.body['step_up'] as { id: string }
  await records.db.update(stepUps).set({ provenAt: new Date() }).where(eq(stepUps.id, id))
  return browser.send(method, `/api/v1${path}`, body, { 'custodia-step-up': id })
}
