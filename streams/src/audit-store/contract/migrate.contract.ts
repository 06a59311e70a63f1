import { describe, expect, it } from '@jest/globals'
import { AccessEvent } from '@custodia/contracts'
import type { OpenStore } from './open-store.js'

/** The schema. */
export const migrateContract = (place: () => OpenStore): void =>
  describe('migrate', () => {
    it('runs once: a second time, and from another process, there is nothing left to do', async () => {
      expect(await place().store.migrate()).toEqual([])
      const another = place().another()
      expect(await another.migrate()).toEqual([])
      await another.close()
    })

    it('has a column for every field of an access event', async () => {
      const columns = await place().store.query<{ name: string }>(
        `SELECT name FROM system.columns WHERE table = 'access_events' AND database = currentDatabase()`,
      )
      expect(columns.map(({ name }) => name)).toEqual(expect.arrayContaining(Object.keys(AccessEvent.shape)))
    })
  })
