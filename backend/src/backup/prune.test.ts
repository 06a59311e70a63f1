import { cp } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { newCustomer } from '../testing/customers.js'
import { VaultWriter } from '../vault/vault-writer.js'
import { openAsOwner, findBackup } from './find-backup.js'
import { backupsIn, partsOf, type OpenBackup } from './manifest.js'
import { verifyPart } from './parts.js'
import { eachPhoto } from './photos.js'
import { prune } from './prune.js'
import { startBackedUp, type BackedUp } from './testing/backed-up.js'

const onlyTheNewest = { daily: 1, weekly: 0, monthly: 0 }

describe('clearing up in the target', () => {
  let system: BackedUp
  let newest: OpenBackup
  beforeAll(async () => {
    system = await startBackedUp()
    const { app, records } = system.gateway
    const clerk = await system.gateway.signedIn('staff')
    const leaver = await newCustomer(clerk)
    await newCustomer(clerk)
    await system.backup(() => new Date(Date.now() - 86_400_000))
    await records.db.transaction((tx) => app.get(VaultWriter).deleteCustomer(tx, leaver.id, async () => undefined))
    const { id } = await system.backup()
    newest = await openAsOwner(system.target, id, { identity: system.identity })
  }, 120_000)
  afterAll(() => system?.stop())

  const objectsBelow = async (prefix: string) => {
    let n = 0
    for await (const { name } of system.target.list(prefix)) if (name) n++
    return n
  }

  it('removes nothing that is shared while a folder in it does not open, and lets it drive nothing out', async () => {
    const id = newest.manifest.id
    const stranger = '2099-01-01T00-00-00-000Z'
    await cp(join(system.folder, 'backups', id), join(system.folder, 'backups', stranger), { recursive: true })
    const pruned = await prune(system.target, [newest.key], onlyTheNewest)
    expect(pruned).toEqual({ removed: 1, unreadable: [stranger] })
    expect(await objectsBelow('photos/')).toBe(4)
    for await (const { name } of system.target.list(`backups/${stranger}/`)) await system.target.delete(name)
    expect(await findBackup(system.target, undefined)).toBe(id)
  })

  it('removes what no kept backup needs, and nothing else', async () => {
    await prune(system.target, [newest.key], onlyTheNewest)
    expect(await backupsIn(system.target)).toEqual([{ id: newest.manifest.id, verified: true }])
    expect(await objectsBelow('photos/')).toBe(2)
    let photos = 0
    await eachPhoto(system.target, newest.key, newest.manifest.photos, async () => void photos++)
    expect(photos).toBe(2)
    for (const part of partsOf(newest.manifest)) await verifyPart(system.target, newest.key, part)
  })
})
