import { performance } from 'node:perf_hooks'
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals'
import { eq } from 'drizzle-orm'
import pg from 'pg'
import { v7 as uuidv7 } from 'uuid'
import { newAccount } from '../identity/account.js'
import { Passwords } from '../identity/passwords.js'
import { accounts, freezes } from '../record-store/schema.js'
import { startRooms, testPassword, type Rooms } from '../testing/start-rooms.js'

const kinds = ['nobody', 'somebody', 'invited', 'closed', 'frozen'] as const
type Kind = (typeof kinds)[number]

/** What goes to PostgreSQL, whoever of us says it. */
const wire = pg.Connection.prototype as unknown as {
  query(text: string): void
  parse(query: { text: string }): void
}
/** What a sweep does meanwhile is nobody's sign-in. */
const isOurs = (text: string): boolean => !/^(begin|commit|rollback|delete from "sign_in)/i.test(text)

describe('whether somebody has an account', () => {
  let rooms: Rooms
  let at = 0
  const names = {} as Record<Kind, string>
  beforeAll(async () => {
    rooms = await startRooms()
    const { db } = rooms.records
    const hash = await rooms.app.get(Passwords).hash(testPassword)
    for (const kind of kinds) {
      names[kind] = `${kind}-${uuidv7().slice(-8)}`
      const passwordHash = kind === 'invited' ? null : hash
      const account = newAccount({ username: names[kind], displayName: kind, role: 'staff', passwordHash })
      if (kind === 'nobody') continue
      await db.insert(accounts).values({ ...account, status: kind === 'closed' ? 'disabled' : 'active' })
      if (kind !== 'frozen') continue
      const until = new Date(Date.now() + 3_600_000)
      const freeze = { id: uuidv7(), accountId: account.id, reason: 'bulk view', by: 'system', until }
      await db.insert(freezes).values(freeze)
      await db.update(accounts).set({ freezeId: freeze.id, frozenUntil: until }).where(eq(accounts.id, account.id))
    }
  })
  afterAll(() => rooms.stop())

  /** One guess, each from an address of its own: what was answered, and what it took. */
  async function guess(kind: Kind) {
    const [simple, extended] = [jest.spyOn(wire, 'query'), jest.spyOn(wire, 'parse')]
    const verify = jest.spyOn(rooms.app.get(Passwords), 'verify')
    const browser = rooms.browser(`10.${(at >> 8) & 255}.${at++ & 255}.9`)
    const begun = performance.now()
    const answer = await browser.post('/auth/password', { username: names[kind], password: 'a wrong guess' })
    const ms = performance.now() - begun
    const asked = [...simple.mock.calls.map(([text]) => text), ...extended.mock.calls.map(([{ text }]) => text)]
    const hashes = verify.mock.calls.length
    simple.mockRestore()
    extended.mockRestore()
    verify.mockRestore()
    const { date, 'custodia-event-id': id, 'set-cookie': cookies, ...headers } = answer.headers
    expect([date, id, cookies].every(Boolean)).toBe(true)
    return { ms, work: { statements: asked.filter(isOurs), hashes }, told: { ...answer.body, request_id: '', headers } }
  }

  it('is told by no word, status or header, and the work for the answer is the same', async () => {
    const seen = []
    for (const kind of kinds) seen.push(await guess(kind))
    const [first] = seen
    expect(first?.work.hashes).toBe(1)
    expect(first?.work.statements.length).toBeGreaterThan(5)
    for (const { work, told } of seen) {
      expect(told).toEqual(first?.told)
      expect(work).toEqual(first?.work)
    }
  })

  it('one hash of the same cost is computed, whoever it is', async () => {
    const { db } = rooms.records
    const [row] = await db.select().from(accounts).where(eq(accounts.username, names.somebody))
    const cost = (hash: string | null | undefined) => hash?.split('$').slice(1, 4)
    const nobody = await (rooms.app.get(Passwords) as unknown as { nobody: Promise<string> }).nobody
    expect(cost(nobody)).toEqual(cost(row?.passwordHash))
  })

  it('takes about as long (measured, not judged)', async () => {
    const times = new Map<Kind, number[]>(kinds.map((kind) => [kind, []]))
    for (let round = 0; round < 15; round++) for (const kind of kinds) times.get(kind)?.push((await guess(kind)).ms)
    const medians = [...times].map(([kind, all]) => {
      const sorted = all.sort((a, b) => a - b)
      return `${kind} ${sorted[sorted.length >> 1]?.toFixed(1)} ms`
    })
    process.stdout.write(`a wrong password, median of 15: ${medians.join(', ')}\n`)
    expect(medians).toHaveLength(kinds.length)
  })
})
