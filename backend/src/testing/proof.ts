import type { RouteName, StepUpDetail } from '@custodia/contracts'
import { eq } from 'drizzle-orm'
import type { RecordStore } from '../record-store/record-store.js'
import { stepUps } from '../record-store/schema.js'
import type { Answer as BrowserAnswer, Browser } from './browser.js'
import type { Answer, Call, TestClient } from './client.js'

interface Records {
  records: RecordStore
}
type Header = Record<string, string>

/** The proof that a refusal asks for, given without its ceremony: the header with which the request comes again. */
export async function giveProof({ records }: Records, refusal: unknown): Promise<Header> {
  const { step_up } = refusal as { step_up: StepUpDetail }
  await records.db.update(stepUps).set({ provenAt: new Date() }).where(eq(stepUps.id, step_up.id))
  return { 'custodia-step-up': step_up.id }
}

/** The header that tells of a fresh proof for this very request: asked for as ever, and given without its ceremony; none, where the answer was no already. */
export async function proofFor<R extends RouteName>(
  store: Records,
  client: TestClient,
  name: R,
  call: Call<R> = {},
): Promise<Header> {
  const { body } = await client.call(name, call)
  return body.code === 'step_up_required' ? giveProof(store, body) : {}
}

/** A request that wants a fresh proof: refused first, then sent again with it. */
export async function proven<R extends RouteName>(
  store: Records,
  client: TestClient,
  name: R,
  call: Call<R> = {},
): Promise<Answer<R>> {
  return client.call(name, { ...call, headers: { ...call.headers, ...(await proofFor(store, client, name, call)) } })
}

/** The same, for what must succeed. */
export async function provenOk<R extends RouteName>(
  store: Records,
  client: TestClient,
  name: R,
  call?: Call<R>,
): Promise<Answer<R>['body']> {
  const { status, body } = await proven(store, client, name, call)
  if (status >= 300) throw new Error(`${name}: ${status} ${JSON.stringify(body)}`)
  return body
}

/** The same for a browser, by method and path. */
export async function fresh(
  store: Records,
  browser: Browser,
  method: 'POST' | 'PATCH' | 'DELETE',
  path: string,
  body?: unknown,
): Promise<BrowserAnswer> {
  const refused = await browser.send(method, `/api/v1${path}`, body)
  if (refused.body['code'] !== 'step_up_required') return refused
  return browser.send(method, `/api/v1${path}`, body, await giveProof(store, refused.body))
}
