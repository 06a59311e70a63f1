import { mkdir, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { eq } from 'drizzle-orm'
import { KEY_PROVIDER, PHOTO_STORE } from '../adapters.js'
import { accounts, consents, customers, importPlans, photos } from '../record-store/schema.js'
import type { PhotoStore } from '../photo-store/photo-store.js'
import { aPicture } from '../testing/customers.js'
import { CustomerKey } from '../vault/customer-key.js'
import type { KeyProvider } from '../vault/keys/key-provider.js'
import { pngBomb } from '../vault/testing/pictures.js'
import { anIdNumber } from '../vault/testing/requests.js'
import { ImportRefused } from './codes.js'
import {
  aRow,
  eventsOf,
  flagsFor,
  shortReportOf,
  startImportWorld,
  tableOf,
  writeTable,
  type ImportWorld,
} from './testing/import-world.js'

let world: ImportWorld
beforeAll(async () => {
  world = await startImportWorld()
})
afterAll(() => world?.stop())

const countOf = async (table: typeof customers | typeof photos | typeof importPlans): Promise<number> =>
  world.records.db.$count(table)

describe('an import', () => {
  it('checks first and changes nothing; with --apply it brings in customers, consents and photos, each with its event', async () => {
    const folder = await world.folder()
    await mkdir(join(folder, 'photos'))
    await writeFile(join(folder, 'photos', 'front.jpg'), await aPicture(1))
    await writeFile(join(folder, 'photos', 'back.jpg'), await aPicture(2))
    const first = aRow({ 身份证正面: 'front.jpg', 身份证反面: 'BACK.JPG', 标签: '优质客户；老客户' })
    await writeTable(folder, [first, aRow()])
    const before = (await world.events()).length

    const dry = await world.run(flagsFor(folder, '--photos', join(folder, 'photos')))
    expect(dry.counts.statuses()).toEqual([['ok', 2]])
    expect(await countOf(customers)).toBe(0)
    const seen = (await world.events()).slice(before)
    expect(seen.map(({ action, actor }) => [action, actor])).toEqual([
      ['admin', world.admin.id],
      ['admin', world.admin.id],
    ])
    expect(seen[0]?.reason).toContain('paper form 2026')

    const done = await world.run(flagsFor(folder, '--photos', join(folder, 'photos'), '--apply'))
    expect(done.counts.statuses()).toEqual([['imported', 2]])
    expect(await shortReportOf(folder)).toEqual(['2 imported imported', '3 imported imported'])
    const rows = await world.records.db.select().from(customers).orderBy(customers.id)
    expect(rows.map(({ owner, branch, importId }) => [owner, branch, importId])).toEqual(
      [1, 2].map(() => [world.clerk.id, 'shanghai', done.id]),
    )
    const withPhotos = (await world.records.db.select().from(photos)).map(({ customerId }) => customerId)
    expect(new Set(withPhotos).size).toBe(1)
    const made = (await world.events()).slice(before)
    expect(
      eventsOf(made, 'create')
        .map(({ customer_id }) => customer_id)
        .sort(),
    ).toEqual(rows.map(({ id }) => id))
    expect(eventsOf(made, 'photo_upload')).toHaveLength(2)
    expect(made.every(({ actor }) => actor === world.admin.id)).toBe(true)
    expect(JSON.stringify(made)).not.toContain('王小明')
    expect(await countOf(importPlans)).toBe(0)
  })

  it('seals what it keeps, and records consent for what it brings and no more', async () => {
    const [row] = await world.records.db.select().from(customers)
    const key = await CustomerKey.open(world.app.get<KeyProvider>(KEY_PROVIDER), row!)
    expect(key.open(row!.name, 'name')).toBe('王小明')
    const kept = await world.records.db.select().from(consents)
    expect(kept.map((consent) => [consent.source, consent.way, consent.givenAt.toISOString()])).toEqual(
      kept.map(() => ['paper form 2026', 'paper', '2026-01-04T16:00:00.000Z']),
    )
    expect(kept.map(({ informationTypes }) => informationTypes.join()).sort()).toEqual([
      'basic,id_number,contact',
      'basic,id_number,contact,id_photo',
    ])
  })

  it('run again does nothing twice', async () => {
    const folder = await world.folder()
    await writeTable(folder, [aRow(), aRow()])
    await world.run(flagsFor(folder, '--apply'))
    const [there, events] = [await countOf(customers), await world.events()]
    await world.run(flagsFor(folder, '--apply'))
    expect(await shortReportOf(folder)).toEqual(['2 there imported_before', '3 there imported_before'])
    expect(await countOf(customers)).toBe(there)
    expect(eventsOf(await world.events(), 'create')).toHaveLength(eventsOf(events, 'create').length)
  })

  it('tells duplicates in the file, and in the store by somebody else', async () => {
    const folder = await world.folder()
    const twice = anIdNumber()
    await writeTable(folder, [aRow({ 身份证号: twice }), aRow({ 身份证号: twice.toLowerCase() })])
    await world.run(flagsFor(folder, '--apply'))
    expect(await shortReportOf(folder)).toEqual(['2 imported imported', '3 refused duplicate_in_file id_number'])
    const other = await world.folder()
    await writeTable(other, [aRow({ 身份证号: twice })])
    await world.run(flagsFor(other, '--apply'))
    expect(await shortReportOf(other)).toEqual(['2 there already_there'])
  })

  it('refuses rows for every reason at once, and imports the others', async () => {
    const folder = await world.folder()
    const rows = [
      aRow({ 身份证号: '110101199003070000', 邮箱: 'nobody' }),
      aRow({ 身份证号: '1.10105E+17' }),
      aRow({ 姓名: '' }),
      aRow({ 姓名: '张\ufffd' }),
      aRow({ 业务类型: 'leasing' }),
      aRow({ 同意日期: '2999-01-01' }),
      aRow({ 同意日期: 'yesterday' }),
      aRow({ 负责人: 'import-admin' }),
      aRow({ 地址: 'x'.repeat(301) }),
      aRow({ 同意日期: '2026年3月1日' }),
    ]
    await writeTable(folder, rows)
    await world.run(flagsFor(folder, '--apply'))
    expect(await shortReportOf(folder)).toEqual([
      '2 refused invalid_id_number id_number',
      '2 refused invalid_email email',
      '3 refused id_number_rounded id_number',
      '4 refused missing_value name',
      '5 refused bad_characters name',
      '6 refused unknown_business_type business_type',
      '7 refused consent_not_in_force consent_given_at',
      '8 refused invalid_date consent_given_at',
      '9 refused unknown_owner owner',
      '10 refused too_long address',
      '11 imported imported',
    ])
  })

  it('refuses a row whose photo is not one, and keeps nothing of it', async () => {
    const folder = await world.folder()
    const place = join(folder, 'photos')
    await mkdir(place)
    const good = await aPicture(3)
    await writeFile(join(place, 'cut.jpg'), good.subarray(0, good.length / 2))
    await writeFile(join(place, 'text.jpg'), 'not a picture at all')
    await writeFile(join(place, 'bomb.png'), pngBomb(60_000, 60_000))
    await writeFile(join(place, 'huge.jpg'), Buffer.alloc(20 * 1024 * 1024 + 1))
    await writeFile(join(place, 'shared.jpg'), good)
    await writeFile(join(place, 'extra.jpg'), good)
    await symlink('/etc/passwd', join(place, 'link.jpg'))
    const named = ['cut.jpg', 'text.jpg', 'bomb.png', 'huge.jpg', 'none.jpg', 'link.jpg', '../customers.csv']
    const rows = [...named, 'shared.jpg', 'shared.jpg'].map((name) => aRow({ 照片: name }))
    await writeTable(folder, rows)
    const before = await countOf(customers)
    await world.run(flagsFor(folder, '--photos', place, '--apply'))
    expect(await shortReportOf(folder)).toEqual([
      '2 refused not_an_image id_front',
      '3 refused not_an_image id_front',
      '4 refused image_too_large id_front',
      '5 refused photo_too_large id_front',
      '6 refused photo_missing id_front',
      '7 refused photo_missing id_front',
      '8 refused photo_unsafe_name id_front',
      '9 refused photo_used_twice id_front',
      '10 refused photo_used_twice id_front',
      'unused photo_unused extra.jpg',
    ])
    expect(await countOf(customers)).toBe(before)
  })

  it('writes a report for its owner only, without a personal value in it', async () => {
    const folder = await world.folder()
    const row = aRow({ 身份证号: '110101199003070000' })
    await writeTable(folder, [row])
    await world.run(flagsFor(folder, '--report', join(folder, 'report.ndjson')))
    const text = await readFile(join(folder, 'report.ndjson'), 'utf8')
    expect(JSON.parse(text)).toMatchObject({ row: 2, status: 'refused', code: 'invalid_id_number' })
    for (const value of Object.values(row)) expect(text).not.toContain(value)
    expect((await stat(join(folder, 'report.ndjson'))).mode & 0o777).toBe(0o600)
    expect(await readdir(folder)).not.toContain('report.ndjson.part')
  })

  it('is refused without an administrator in force, a consent source, or a column that it needs', async () => {
    const folder = await world.folder()
    await writeTable(folder, [aRow()])
    await expect(world.run(['--file', 'x', '--purposes', 'contract'])).rejects.toThrow(
      /--consent is missing\n--as is missing/,
    )
    const asClerk = flagsFor(folder).map((flag) => (flag === 'import-admin' ? 'import-staff' : flag))
    await expect(world.run(asClerk)).rejects.toThrow('--as names nobody who may import')
    const frozen = world.records.db.update(accounts).set({ frozenUntil: new Date(Date.now() + 60_000) })
    await frozen.where(eq(accounts.id, world.admin.id))
    await expect(world.run(flagsFor(folder))).rejects.toThrow('--as names nobody who may import')
    await world.records.db.update(accounts).set({ frozenUntil: null }).where(eq(accounts.id, world.admin.id))
    await writeFile(join(folder, 'customers.csv'), tableOf([{ 谁: 'x' }]))
    await expect(world.run(flagsFor(folder))).rejects.toThrow(ImportRefused)
    await expect(world.run(flagsFor(folder))).rejects.toThrow('No column for name, id_number')
    await writeTable(folder, [{ 姓名: '王小明', 身份证号: anIdNumber() }])
    const alone = flagsFor(folder).filter((flag) => flag !== '--owner' && flag !== 'import-staff')
    await expect(world.run(alone)).rejects.toThrow(
      /^No column for business_type, owner .*give --business-type for all rows, give --owner for all rows/,
    )
    await expect(world.run([...alone, '--business-type', 'leasing'])).rejects.toThrow(
      '--business-type: not one of car_loan, mortgage',
    )
    await writeFile(join(folder, 'customers.csv'), Buffer.from('PK\x03\x04rest of an archive', 'latin1'))
    await expect(world.run(flagsFor(folder))).rejects.toThrow(/is a zip archive or a workbook.*--photos/)
  })

  it('goes on when its photo store was away for a moment', async () => {
    const folder = await world.folder()
    await writeFile(join(folder, 'a.jpg'), await aPicture(4))
    await writeTable(folder, [aRow({ 照片: 'a.jpg' })])
    const store = world.app.get<PhotoStore>(PHOTO_STORE)
    const put = store.put.bind(store)
    let failures = 2
    store.put = (key, content) => (failures-- > 0 ? Promise.reject(new Error('away')) : put(key, content))
    try {
      const { counts } = await world.run(flagsFor(folder, '--photos', folder, '--apply'))
      expect(counts.statuses().filter(([status]) => status !== 'unused')).toEqual([['imported', 1]])
    } finally {
      store.put = put
    }
    expect(await countOf(importPlans)).toBe(0)
  })
})
