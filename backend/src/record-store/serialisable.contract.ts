import { afterAll, beforeAll, expect, it } from '@jest/globals'
import { eq, sql } from 'drizzle-orm'
import type { Connection } from './connection.js'
import { isLostRace } from './failures.js'
import { RecordStore, type Queries } from './record-store.js'
import { settings } from './schema.js'

/** Transactions that race, on a new database. */
export const serialisableContract = (newDatabase: () => Promise<Connection>) => {
  let store: RecordStore
  beforeAll(async () => {
    store = await RecordStore.open({ connection: await newDatabase(), onError: () => undefined })
  })
  afterAll(() => store?.close())

  const keys = async (prefix: string, tx: Queries = store.db) =>
    tx
      .select({ key: settings.key })
      .from(settings)
      .where(sql`${settings.key} like ${`${prefix}%`}`)
  const put = (tx: Queries, key: string) => tx.insert(settings).values({ key, value: {} })

  it('lets one of many pass a condition over several rows', async () => {
    const takeTheOnlyPlace = (who: number) =>
      store.serialisable(async (tx) => {
        if ((await keys('place ', tx)).length > 0) return false
        await put(tx, `place ${who}`)
        return true
      })
    const won = await Promise.all([1, 2, 3, 4].map(takeTheOnlyPlace))
    expect(won.filter(Boolean)).toHaveLength(1)
    expect(await keys('place ')).toHaveLength(1)
  })

  it('brings both to an end who wait for each other', async () => {
    await put(store.db, 'left')
    await put(store.db, 'right')
    const bothHold = meeting(2)
    const inOrder = (first: string, second: string) => {
      let attempt = 0
      return store.serialisable(async (tx) => {
        await tx
          .update(settings)
          .set({ value: { by: first } })
          .where(eq(settings.key, first))
        if (attempt++ === 0) await bothHold()
        await tx
          .update(settings)
          .set({ value: { by: first } })
          .where(eq(settings.key, second))
        return attempt
      })
    }
    const attempts = await Promise.all([inOrder('left', 'right'), inOrder('right', 'left')])
    expect(Math.min(...attempts)).toBe(1)
    expect(Math.max(...attempts)).toBeGreaterThan(1)
  })

  it('takes back what was done outside when the commit itself loses', async () => {
    const outside = { done: 0, undo: async () => void outside.done-- }
    let attempt = 0
    const seen = await store.serialisable(async (tx) => {
      const before = await keys('commit ', tx)
      await put(tx, `commit mine`)
      outside.done++
      // A rival who read what is written here, and wrote what was read here, commits first.
      if (attempt++ === 0)
        await store.serialisable(async (rival) => {
          await keys('commit ', rival)
          await put(rival, 'commit rival')
        })
      return before.length
    }, outside)
    expect({ attempt, seen, done: outside.done }).toEqual({ attempt: 2, seen: 1, done: 1 })
  })

  it('gives up after twelve losses, and says that it was a race', async () => {
    let attempts = 0
    const error = await store
      .serialisable(async (tx) => {
        attempts++
        await tx.execute(sql.raw(`do $$ begin raise exception 'lost' using errcode = '40001'; end $$`))
      })
      .catch((failure: unknown) => failure)
    expect({ attempts, lost: isLostRace(error) }).toEqual({ attempts: 12, lost: true })
  })

  it('does not repeat what failed for another reason', async () => {
    let attempts = 0
    const work = store.serialisable(async () => {
      attempts++
      throw new Error('no')
    })
    await expect(work).rejects.toThrow('no')
    expect(attempts).toBe(1)
  })
}

/** Resolves for everybody when the last of `count` has come. */
function meeting(count: number): () => Promise<void> {
  let come = 0
  let allHere: () => void
  const all = new Promise<void>((resolve) => (allHere = resolve))
  return () => {
    if (++come === count) allHere()
    return all
  }
}
