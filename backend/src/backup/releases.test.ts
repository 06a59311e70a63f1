import { createHash } from 'node:crypto'
import { readdirSync } from 'node:fs'
import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { readLog, verifyWriterChains } from '@custodia/streams/integrity'
import { KEY_PROVIDER, PHOTO_STORE } from '../adapters.js'
import { approved, newApproval } from '../approvals/testing/new-approval.js'
import type { PhotoStore } from '../photo-store/photo-store.js'
import { customers } from '../record-store/schema.js'
import { TestClient } from '../testing/client.js'
import { provenOk } from '../testing/proof.js'
import { open } from '../vault/keys/envelope.js'
import type { KeyProvider } from '../vault/keys/key-provider.js'
import { photoKeys, photoPlace } from '../vault/photos/photo-place.js'
import { findBackup } from './find-backup.js'
import { openFolderTarget } from './folder-target.js'
import { timeOf } from './manifest.js'
import { restoreToNewMachine } from './testing/new-machine.js'
import {
  accessesByKind,
  readExpected,
  releasesDir,
  targetFolder,
  type ReleaseBackup,
} from './testing/release-backup.js'
import { startRestored, type RestoredSystem } from './testing/restored-system.js'

const dayMs = 86_400_000
const releases = readdirSync(releasesDir, { withFileTypes: true }).filter((each) => each.isDirectory())

it('there is a backup of at least one release', () => expect(releases.length).toBeGreaterThan(0))

describe.each(releases.map(({ name }) => name))('the backup that version %s made', (version) => {
  let base: string
  let expected: ReleaseBackup
  let system: RestoredSystem
  let dataDir: string
  let madeAt: Date

  beforeAll(async () => {
    base = await mkdtemp(join(tmpdir(), 'custodia-release-'))
    await chmod(base, 0o711)
    dataDir = join(base, 'machine')
    expected = await readExpected(version)
    const { identity } = expected
    // However old it is, none of its accesses is old enough to be deleted.
    const env = { CUSTODIA_AUDIT_KEEP_MONTHS: '240' }
    const target = await openFolderTarget(targetFolder(version))
    madeAt = timeOf(await findBackup(target, undefined))
    const { config, counts } = await restoreToNewMachine({ dataDir, target, identity, env })
    expect(counts['photo_objects']).toBe(2 * expected.customers.length)
    system = await startRestored(config)
  }, 180_000)
  afterAll(async () => {
    await system?.stop()
    await rm(base, { recursive: true, force: true })
  })

  const signedIn = async ({ id, username, password, totp_secret }: ReleaseBackup['clerk']) => {
    const browser = new TestClient(system.app, id)
    await browser.signIn({ account: { username }, password, totpSecret: totp_secret })
    return browser
  }

  it('has its accesses in the audit store again, each once, and no other', async () => {
    const found = await accessesByKind(system.audit)
    expect(found).toEqual(expected.accesses)
    expect(found['photo_view held']).toBe(expected.customers.length)
  })

  it('opens every photo with the restored keys: the very picture', async () => {
    const [photos, keys] = [system.app.get<PhotoStore>(PHOTO_STORE), system.app.get<KeyProvider>(KEY_PROVIDER)]
    for (const { photo, photo_sha256 } of expected.customers) {
      const sealed = await buffer((await photos.get(photoKeys(photo).objectKey)).stream)
      const picture = await open(keys, sealed, photoPlace(photo, 'original'))
      expect(createHash('sha256').update(picture).digest('hex')).toBe(photo_sha256)
    }
  })

  it('lets the same people in, who read the same customers in the clear', async () => {
    expect(await system.records.db.select({ id: customers.id }).from(customers)).toHaveLength(expected.customers.length)
    const clerk = await signedIn(expected.clerk)
    for (const { id, name, id_number, photo } of expected.customers) {
      const fields: ('name' | 'id_number')[] = ['name', 'id_number']
      const given = { ...approved, fields, purpose: 'contract' }
      const approval_id = await newApproval(system.records, clerk.accountId, [id], given)
      const body = { purpose: 'contract', fields, approval_id }
      expect(await provenOk(system, clerk, 'customerReveal', { params: { id }, body })).toEqual({ name, id_number })
      const { status, bytes } = await clerk.call('photoView', { params: { id: photo }, query: { purpose: 'contract' } })
      expect([status, bytes.subarray(0, 3).toString('hex')]).toEqual([200, 'ffd8ff'])
    }
  })

  it('makes reports of the time before, and keeps the proof over it and what came after', async () => {
    const auditor = await signedIn(expected.auditor)
    const period = { from: new Date(madeAt.getTime() - dayMs).toISOString(), to: madeAt.toISOString() }
    const { totals } = await auditor.ok('report', { query: { kind: 'access', ...period } })
    expect(totals.events).toBe(Object.values(expected.accesses).reduce((sum, n) => sum + n, 0))
    await system.settled()
    const events: Buffer[] = []
    for await (const { value } of readLog(join(dataDir, 'log'), 'access-events')) events.push(value)
    expect((await verifyWriterChains(events)).problems).toEqual([])
  })

  it('has the rules of the house again', async () => {
    for (const [file, text] of Object.entries(expected.rules))
      expect(await readFile(join(dataDir, 'rules', file), 'utf8')).toBe(text)
  })
})
