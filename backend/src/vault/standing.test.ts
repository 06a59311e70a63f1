import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import type { EventPlace, Verdict } from '@custodia/contracts'
import type { EventLog } from '@custodia/streams/event-log'
import { eq } from 'drizzle-orm'
import { v7 as uuidv7 } from 'uuid'
import { EVENT_LOG } from '../adapters.js'
import { accounts, freezes, sessions } from '../record-store/schema.js'
import { clientOf } from './testing/requests.js'
import { startVault, type VaultUnderTest } from './testing/start-vault.js'

const later = 1_000_000

describe('a freeze that is committed while an access waits for its verdict', () => {
  let vault: VaultUnderTest
  beforeAll(async () => {
    vault = await startVault()
  })
  afterAll(() => vault?.stop())

  /** The place of the newest event: what waits for its verdict right now. */
  const newest = async (): Promise<EventPlace> => {
    const ranges = await vault.app.get<EventLog>(EVENT_LOG).range('access-events')
    const places: (EventPlace & { at: number })[] = []
    for (const { partition, end } of ranges)
      for await (const { offset, appendedAt } of vault.app
        .get<EventLog>(EVENT_LOG)
        .read('access-events', partition, end - 1, end))
        places.push({ partition, offset, at: appendedAt })
    return places.reduce((a, b) => (b.at >= a.at ? b : a))
  }
  const verdictsOn = async (id: unknown): Promise<string[]> => {
    const log = vault.app.get<EventLog>(EVENT_LOG)
    const found: string[] = []
    for (const { partition, start, end } of await log.range('verdicts'))
      for await (const { value } of log.read('verdicts', partition, start, end)) {
        const verdict = JSON.parse(Buffer.from(value).toString()) as Verdict
        if (verdict.event_id === id) found.push(verdict.verdict)
      }
    return found.sort()
  }
  /** Reveals a name; the freeze and the end of the session are committed just before the verdict. */
  const revealWhile = async (
    causeOf: (held: EventPlace) => EventPlace | null,
    endReason: 'frozen' | 'revoked' = 'frozen',
  ) => {
    const clerk = await vault.signIn('staff')
    const client = clientOf(vault, clerk)
    const { id } = await client.create()
    vault.judge.beforeAnswer = async () => {
      const until = new Date(Date.now() + 60_000)
      const cause = causeOf(await newest())
      const freeze = { id: uuidv7(), accountId: clerk.id, reason: 'a test', by: 'system', until }
      await vault.records.db.insert(freezes).values(freeze)
      const state = { freezeId: freeze.id, frozenUntil: until, freezeCause: cause }
      await vault.records.db.update(accounts).set(state).where(eq(accounts.id, clerk.id))
      await vault.records.db
        .update(sessions)
        .set({ endedAt: new Date(), endReason })
        .where(eq(sessions.accountId, clerk.id))
    }
    const reply = await client.send('POST', `/customers/${id}/reveal`, { fields: ['name'], purpose: 'contract' })
    vault.judge.beforeAnswer = undefined
    const verdicts = await verdictsOn(reply.headers['custodia-event-id'])
    const again = await client.send('POST', `/customers/${id}/reveal`, { fields: ['name'], purpose: 'contract' })
    expect(again.statusCode).not.toBe(200)
    return { status: reply.statusCode, verdicts }
  }

  it('leaves to its owner what was allowed before the event that led to it', async () => {
    const reply = await revealWhile(({ partition, offset }) => ({ partition, offset: offset + later }))
    expect(reply).toEqual({ status: 200, verdicts: ['allowed'] })
  })

  it.each<[string, (held: EventPlace) => EventPlace | null]>([
    ['by a person, at once', () => null],
    ['by an event before this one', ({ partition, offset }) => ({ partition, offset: offset - 1 })],
    ['by this very event', (held) => held],
    [
      'by an event that cannot be compared',
      ({ partition, offset }) => ({ partition: partition + 1, offset: offset + later }),
    ],
  ])('takes back what is not due, and the outcome says so: %s', async (_name, causeOf) => {
    expect(await revealWhile(causeOf)).toEqual({ status: 423, verdicts: ['allowed', 'expired'] })
  })

  it('owes nothing to a session that ended otherwise', async () => {
    const { verdicts } = await revealWhile(
      ({ partition, offset }) => ({ partition, offset: offset + later }),
      'revoked',
    )
    expect(verdicts).toEqual(['allowed', 'expired'])
  })
})
