import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { backupTargetContract } from './backup-target.contract.js'
import { openFolderTarget } from './folder-target.js'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'custodia-target-'))
})
afterAll(() => rm(folder, { recursive: true }))

describe('a folder as backup target', () => {
  backupTargetContract(() => openFolderTarget(folder))

  it('is not made where it is missing: a mount that is gone would fill this machine’s disk', async () => {
    await expect(openFolderTarget(join(folder, 'not-mounted'))).rejects.toThrow('mount it, or make it')
  })
})
