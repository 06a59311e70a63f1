import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { cp, mkdir, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { KEY_PROVIDER, PHOTO_STORE } from '../../adapters.js'
import type { PhotoStore } from '../../photo-store/photo-store.js'
import { aPicture, newCustomer } from '../../testing/customers.js'
import type { TestPerson } from '../../testing/people.js'
import { provenOk } from '../../testing/proof.js'
import { open } from '../../vault/keys/envelope.js'
import type { KeyProvider } from '../../vault/keys/key-provider.js'
import { photoKeys, photoPlace } from '../../vault/photos/photo-place.js'
import { anIdNumber } from '../../vault/testing/requests.js'
import { version } from '../backup-installation.js'
import { startBackedUp, type BackedUp } from './backed-up.js'
import { accessesByKind, expectedFile, targetFolder, type ReleaseBackup } from './release-backup.js'

/*
 * `npm run backup:release`: a small backup of a real system at this version, which every later version's `npm test` restores.
 */

const rules = {
  'house-many-views.yml': `title: A rule of the house
name: house-many-views
logsource: { product: custodia, category: access }
detection:
  viewed: { action: view, outcome: [granted, allowed] }
  condition: viewed
level: low
custodia:
  mode: shadow
  respond: [alert]
`,
}

/** A few drawn customers, and every kind of access that a clerk makes. */
async function fill(system: BackedUp): Promise<Pick<ReleaseBackup, 'clerk' | 'auditor' | 'customers'>> {
  const { gateway } = system
  const [clerk, auditor] = [await gateway.person('staff'), await gateway.person('auditor')]
  const browser = gateway.stranger(clerk)
  await browser.signIn(clerk)
  const customers: ReleaseBackup['customers'] = []
  for (const [seed, name] of ['试验客户甲', '试验客户乙', '试验客户丙'].entries()) {
    const id_number = anIdNumber()
    const { id, photo } = await newCustomer(browser, { over: { name, id_number }, picture: await aPicture(seed) })
    const purpose = 'contract'
    await browser.ok('customerView', { params: { id } })
    await provenOk(gateway, browser, 'customerReveal', {
      params: { id },
      body: { purpose, fields: ['name', 'phone'] },
    })
    await browser.ok('photoView', { params: { id: photo }, query: { purpose } })
    customers.push({ id, name, id_number, photo, photo_sha256: await hashOfPhoto(system, photo) })
  }
  const { status } = await browser.call('photoView', { params: { id: customers[0]!.photo }, query: {} })
  if (status !== 403) throw new Error(`A photo without a purpose was answered with ${status}.`)
  return { clerk: signInOf(clerk), auditor: signInOf(auditor), customers }
}

const signInOf = ({ account: { id, username }, password, totpSecret }: TestPerson): ReleaseBackup['clerk'] => ({
  id,
  username,
  password,
  totp_secret: totpSecret,
})

/** Of the picture itself, as it was before it was sealed. */
async function hashOfPhoto({ gateway: { app } }: BackedUp, photo: string): Promise<string> {
  const { stream } = await app.get<PhotoStore>(PHOTO_STORE).get(photoKeys(photo).objectKey)
  const picture = await open(app.get<KeyProvider>(KEY_PROVIDER), await buffer(stream), photoPlace(photo, 'original'))
  return createHash('sha256').update(picture).digest('hex')
}

async function main(): Promise<void> {
  const [expected, target] = [expectedFile(version), targetFolder(version)]
  if (existsSync(dirname(expected)))
    throw new Error(`There is a backup of version ${version} already: raise the version in backend/package.json first.`)
  const system = await startBackedUp({ rules })
  try {
    const content = await fill(system)
    await system.gateway.settled()
    const accesses = await accessesByKind(system.gateway.audit)
    await system.backup()
    await mkdir(dirname(expected), { recursive: true })
    await cp(system.folder, target, { recursive: true })
    const warning = 'Drawn people and a key for tests alone, which opens nothing but this backup.'
    const all: ReleaseBackup = { warning, version, identity: system.identity, ...content, rules, accesses }
    await writeFile(expected, `${JSON.stringify(all, undefined, 2)}\n`)
  } finally {
    await system.stop()
  }
  process.stdout.write(`The backup of version ${version} is in ${dirname(expected)}: commit it with the release.\n`)
}

await main()
