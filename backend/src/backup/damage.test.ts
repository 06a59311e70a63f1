import { appendFile, cp, readFile, rm, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { generateX25519Identity } from 'age-encryption'
import { count } from 'drizzle-orm'
import { customers } from '../record-store/schema.js'
import { newCustomer } from '../testing/customers.js'
import { WrongOwner } from './backup-key.js'
import { findBackup, NoBackup, openAsOwner } from './find-backup.js'
import { openFolderTarget } from './folder-target.js'
import { objectOf, partsOf, type OpenBackup } from './manifest.js'
import { DamagedPart, verifyPart, type Part } from './parts.js'
import { eachPhoto, photoObject } from './photos.js'
import { startBackedUp, type BackedUp } from './testing/backed-up.js'
import { backupInstallation } from './backup-installation.js'

describe('a backup that somebody has had their hands on', () => {
  let system: BackedUp
  let first: string
  let second: string
  let opened: OpenBackup

  beforeAll(async () => {
    system = await startBackedUp()
    const clerk = await system.gateway.signedIn('staff')
    await newCustomer(clerk)
    first = (await system.backup(() => new Date(Date.now() - 86_400_000))).id // yesterday's: one a day is kept
    await newCustomer(clerk)
    second = (await system.backup()).id
    opened = await openAsOwner(system.target, second, { identity: system.identity })
  }, 120_000)
  afterAll(() => system?.stop())

  const pathOf = (object: string) => join(system.folder, object)
  const partNamed = (name: string): Part => partsOf(opened.manifest).find((part) => part.name === name)!
  const verify = (part: Part) => verifyPart(system.target, opened.key, part)

  /** Runs `check` while an object is something else, and puts it back. */
  async function whileChanged(object: string, change: (path: string) => Promise<void>, check: () => Promise<void>) {
    const path = pathOf(object)
    const original = await readFile(path)
    try {
      await change(path)
      await check()
    } finally {
      await writeFile(path, original)
    }
  }
  const flipByte = (at: (length: number) => number) => async (path: string) => {
    const bytes = await readFile(path)
    bytes[at(bytes.length)]! ^= 1
    await writeFile(path, bytes)
  }

  it('is whole to begin with', async () => {
    for (const part of partsOf(opened.manifest)) await verify(part)
  })

  it.each(['records/customers', 'records/accounts', 'keys', 'photos'])(
    'names the part %s when a byte of it was changed, it was cut, lengthened, or taken away',
    async (name) => {
      const part = partNamed(name)
      const damaged = async () => {
        const failure = await verify(part).then(
          () => undefined,
          (error: unknown) => error,
        )
        expect(failure).toBeInstanceOf(DamagedPart)
        expect((failure as DamagedPart).part).toBe(name)
      }
      for (const at of [(n: number) => n - 1, (n: number) => n >> 1, () => 30, () => 0])
        await whileChanged(part.object, flipByte(at), damaged)
      await whileChanged(part.object, (path) => truncate(path, part.bytes - 20), damaged)
      await whileChanged(part.object, (path) => truncate(path, 0), damaged)
      await whileChanged(part.object, (path) => appendFile(path, 'more'), damaged)
      await whileChanged(part.object, (path) => rm(path), damaged)
    },
  )

  it('names a part that was swapped with the one of another backup, though both are genuine', async () => {
    const name = 'records/customers'
    const earlier = await openAsOwner(system.target, first, { identity: system.identity })
    const other = partsOf(earlier.manifest).find((part) => part.name === name)!
    await verify(other)
    await whileChanged(
      partNamed(name).object,
      (path) => cp(pathOf(other.object), path),
      () =>
        expect(verify(partNamed(name))).rejects.toThrow(
          `The part ${name} of the backup is not the one that was written`,
        ),
    )
  })

  it('names the photo that was altered or taken away', async () => {
    const hashes: string[] = []
    const all = (use: (key: string) => void) =>
      eachPhoto(system.target, opened.key, opened.manifest.photos, async (key) => use(key))
    const keys: string[] = []
    await all((key) => keys.push(key))
    for await (const { name } of system.target.list('photos/')) hashes.push(name.slice(name.lastIndexOf('/') + 1))
    expect(keys).toHaveLength(4)
    expect(hashes).toHaveLength(4)
    for (const change of [flipByte((n) => n - 1), (path: string) => truncate(path, 10), (path: string) => rm(path)])
      await whileChanged(photoObject(hashes[0]!), change, () =>
        expect(all(() => undefined)).rejects.toThrow(/The part photos\/[0-9a-f-]+\.(original|thumbnail) of the backup/),
      )
  })

  it.each(['manifest.json', 'verified.json', 'key.age'])('does not open with an altered %s', async (file) => {
    const object = objectOf(second, file)
    const open = () => openAsOwner(system.target, second, { identity: system.identity })
    for (const at of [(n: number) => n >> 1, (n: number) => n - 9])
      await whileChanged(object, flipByte(at), () => expect(open()).rejects.toThrow())
    await whileChanged(
      object,
      (path) => cp(pathOf(objectOf(first, file)), path),
      () => (file === 'key.age' ? expect(open()).resolves.toBeDefined() : expect(open()).rejects.toThrow(DamagedPart)),
    )
  })

  it('opens for its owner alone', async () => {
    const stranger = { identity: await generateX25519Identity() }
    await expect(openAsOwner(system.target, second, stranger)).rejects.toThrow(WrongOwner)
    await expect(openAsOwner(system.target, second, { passphrase: 'guessed' })).rejects.toThrow(WrongOwner)
  })

  it('is refused when another key was expected than the one it has', async () => {
    const open = (key: string) => openAsOwner(system.target, second, { identity: system.identity }, key)
    await expect(open('age1somebodyelses')).rejects.toThrow('is not the one of the key that was named')
    await open(opened.manifest.key)
  })

  it('is not found before it was verified', async () => {
    await whileChanged(
      objectOf(second, 'verified.json'),
      (path) => rm(path),
      async () => {
        expect(await findBackup(system.target, undefined)).toBe(first)
        await expect(findBackup(system.target, second)).rejects.toThrow(NoBackup)
      },
    )
  })

  it('leaves no half installation that could be started', async () => {
    const part = partNamed('records/customers')
    await whileChanged(
      part.object,
      flipByte((n) => n - 1),
      async () => {
        await expect(system.restore(second)).rejects.toThrow('The part records/customers of the backup')
      },
    )
    const { config } = await system.restore(second)
    expect(config.dataDir).toContain('machine-2')
  }, 120_000)

  it('another installation cannot use the target, nor clear it', async () => {
    const other = await startBackedUp()
    try {
      const settings = { ...other.config.backup!, target: system.folder }
      await expect(backupInstallation(other.gateway.app, other.config, settings)).rejects.toThrow(
        'belongs to another installation',
      )
      await openAsOwner(await openFolderTarget(system.folder), second, { identity: system.identity })
      const [row] = await other.gateway.records.db.select({ n: count() }).from(customers)
      expect(row?.n).toBe(0)
    } finally {
      await other.stop()
    }
  }, 120_000)
})
