import { afterAll, beforeAll, expect, it } from '@jest/globals'
import { accessesContract } from './contract/accesses.contract.js'
import { insertContract } from './contract/insert.contract.js'
import { migrateContract } from './contract/migrate.contract.js'
import type { OpenStore } from './contract/open-store.js'
import { queryContract } from './contract/query.contract.js'
import { readerContract } from './contract/reader.contract.js'
import { retentionContract } from './contract/retention.contract.js'
import { migrations } from './migrations/index.js'

export type { OpenStore } from './contract/open-store.js'

/** Port 2's promise, one sentence a test. `open` gives a store on an empty place, not yet migrated. */
export const auditStoreContract = (open: () => Promise<OpenStore>): void => {
  let opened: OpenStore
  beforeAll(async () => {
    opened = await open()
    expect(await opened.store.migrate()).toEqual(migrations.map(({ version, name }) => `${version} ${name}`))
  })
  afterAll(() => opened.stop())

  const place = (): OpenStore => opened
  insertContract(place)
  queryContract(place)
  migrateContract(place)
  readerContract(place)
  retentionContract(place)
  accessesContract(place)

  it('answers a check', async () => {
    await expect(opened.store.check()).resolves.toBeUndefined()
  })
}
