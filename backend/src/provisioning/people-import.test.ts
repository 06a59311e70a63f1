import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { eq } from 'drizzle-orm'
import { v7 as uuidv7 } from 'uuid'
import { AdminModule } from '../admin/admin.module.js'
import { CaptureService } from '../capture/capture.service.js'
import { ProblemError } from '../gateway/problem.js'
import { accounts, outbox, staffTraits } from '../record-store/schema.js'
import { ResponseModule } from '../response/response.module.js'
import { eventOf, type Answer, type Browser } from '../testing/browser.js'
import { fresh } from '../testing/proof.js'
import { startRooms, type Rooms } from '../testing/start-rooms.js'
import { Movers } from './movers.service.js'
import { readPeople } from './people-file.js'
import { importPeople } from './people-import.js'
import { ProvisioningModule } from './provisioning.module.js'

let rooms: Rooms
// More leavers than a house has: the brake has tests of its own.
const env = { CUSTODIA_LEAVERS_PER_HOUR: '1000', CUSTODIA_LEAVERS_SHARE: '100' }
beforeAll(async () => (rooms = await startRooms([ResponseModule, AdminModule, ProvisioningModule], undefined, env)))
afterAll(() => rooms.stop())

async function carriedOut(text: string, apply = true) {
  const { account: admin } = await rooms.signedIn('admin')
  const tools = { movers: rooms.app.get(Movers), capture: rooms.app.get(CaptureService) }
  return importPeople(tools, readPeople(text), { by: admin, apply })
}
const named = async (username: string) =>
  (await rooms.records.db.select().from(accounts).where(eq(accounts.username, username)))[0]

describe('a file of people', () => {
  it('says for each line what is wrong with it, and takes the others', () => {
    const lines = readPeople(
      '\ufeffUsername,Status,Role\n张伟,joins,staff\nx,joins,\nok,gone,\nroot2,joins,admin\n\nli,leaves\n',
    )
    expect(lines.map((line) => ('row' in line ? line.row.username : line.problem.split(':')[0]))).toEqual([
      '张伟',
      'username',
      'status',
      'role',
      'li',
    ])
    expect(lines.map(({ line }) => line)).toEqual([2, 3, 4, 5, 7])
  })

  it('takes the first of two lines about one person, however the name is spelled, and says so at the other', async () => {
    const name = `twice-${uuidv7().slice(-8)}`
    const text = `username,status,role\n${name},joins,staff\n ${name.toUpperCase()},joins,manager\n${name},leaves,\n`
    for (const apply of [false, true])
      expect(await carriedOut(text, apply)).toMatchObject([
        { line: 2, username: name, did: 'joined' },
        {
          line: 3,
          username: name.toUpperCase(),
          did: 'refused',
          why: 'named_twice',
          note: expect.stringContaining('2'),
        },
        { line: 4, username: name, did: 'refused', why: 'named_twice' },
      ])
    expect(await named(name)).toMatchObject({ role: 'staff', status: 'active' })
  })

  it('invites who joins and freezes who leaves, at once; dry, it only says so', async () => {
    const { account: leaver, browser } = await rooms.signedIn('staff')
    const joiner = `j-${uuidv7().slice(-8)}`
    const text = `username,status,display_name,branch\n${joiner},joins,New One,shanghai\n${leaver.username},leaves,,\nnobody-known,leaves,,\n`
    expect((await carriedOut(text, false)).map(({ did }) => did)).toEqual(['joined', 'frozen', 'nothing'])
    expect([await named(joiner), (await browser.get('/me')).status]).toEqual([undefined, 200])

    const done = await carriedOut(text)
    expect(done.map(({ did }) => did)).toEqual(['joined', 'frozen', 'nothing'])
    expect(done[0]?.note).toMatch(/\/invitation#[\w-]{43}$/)
    expect([401, 423]).toContain((await browser.get('/me')).status)
    expect(await named(leaver.username)).toMatchObject({ status: 'disabled' })
    const told = { token: done[0]?.note.split('#')[1] ?? '' }
    expect((await rooms.browser().post('/invitations/look', told)).body).toMatchObject({ username: joiner })
    const reasons = (await rooms.events())
      .filter(({ subject }) => subject === leaver.id)
      .map(({ action, reason }) => `${action} ${reason}`)
    expect(reasons).toEqual(expect.arrayContaining(['role_change left', expect.stringMatching(/^freeze left/)]))
    // sent again, nothing happens twice
    expect((await carriedOut(text)).map(({ did }) => did)).toEqual(['nothing', 'nothing', 'nothing'])
  })

  it('removes neither the last administrator nor a sealed account', async () => {
    const { account: sealed } = await rooms.signedIn('staff')
    await rooms.records.db.update(accounts).set({ breakGlass: true }).where(eq(accounts.id, sealed.id))
    expect((await carriedOut(`username,status\n${sealed.username},leaves\n`))[0]).toMatchObject({ did: 'refused' })
    const admins = await rooms.records.db.select().from(accounts).where(eq(accounts.role, 'admin'))
    const text = `username,status\n${admins.map(({ username }) => `${username},leaves`).join('\n')}\n`
    const { account: last } = await rooms.signedIn('admin')
    await rooms.records.db.update(accounts).set({ status: 'disabled' }).where(eq(accounts.id, last.id))
    const tools = { movers: rooms.app.get(Movers), capture: rooms.app.get(CaptureService) }
    const results = await importPeople(tools, readPeople(text), { by: last, apply: true })
    expect(results.filter(({ did }) => did === 'refused')).toHaveLength(1)
    expect(results.filter(({ did }) => did === 'frozen')).toHaveLength(admins.length - 1)
  })

  it('keeps of numbers and addresses hashes alone, and only of those who are here', async () => {
    const [{ account }, { account: other }] = [await rooms.signedIn('staff'), await rooms.signedIn('staff')]
    const columns = 'username,status,phone,address,id_number'
    const text = `${columns}\n${account.username},stays,13800138000；021-5555 6666,"上海市天平路8号301室;",110101199003071233\nnobody-known,stays,13800138000,,\n${other.username},stays,,,\n${account.username},stays,,,110101199003071234\n`
    expect((await carriedOut(text, false)).map(({ did }) => did)).toEqual(['told', 'refused', 'nothing', 'refused'])
    const traitsOf = () => rooms.records.db.select().from(staffTraits).where(eq(staffTraits.accountId, account.id))
    expect(await traitsOf()).toEqual([])
    const done = await carriedOut(text)
    expect(done.map(({ did }) => did)).toEqual(['told', 'refused', 'nothing', 'refused'])
    const kept = await traitsOf()
    expect(kept.map(({ field }) => field).sort()).toEqual(['address', 'id_number', 'phone', 'phone'])
    expect(kept.every(({ token }) => token.length === 16)).toBe(true)
    const told = (await rooms.events()).filter(({ subject, reason }) => subject === account.id && reason === 'told')
    expect(told).toMatchObject([{ fields: ['id_number', 'phone', 'address'] }])
    expect(JSON.stringify([done, told])).not.toMatch(/1380013|天平路/)
  })
})

describe('a file of people, from the page', () => {
  const send = (browser: Browser, how: 'check' | 'apply', csv: string) =>
    fresh(rooms, browser, 'POST', `/people-file/${how}`, { csv })
  type Items = { line: number; did: string; why?: string; columns?: string[]; link?: string }[]
  const itemsOf = (answer: Answer) => answer.body['items'] as Items

  it('is shown line by line before anything happens, and carried out with a fresh proof, each line with its event', async () => {
    const { browser, account: admin } = await rooms.signedIn('admin')
    const { account: leaver, browser: page } = await rooms.signedIn('staff')
    const joiner = `j-${uuidv7().slice(-8)}`
    const csv = `username,status,role,id_number\n${joiner},joins,manager,\n${leaver.username},leaves,,\n${leaver.username},stays,,1234\nnobody-known,leaves,,\n`
    const checked = await send(browser, 'check', csv)
    const expected = [
      { line: 2, username: joiner, did: 'joined' },
      { line: 3, username: leaver.username, did: 'frozen' },
      { line: 4, username: leaver.username, did: 'refused', why: 'not_understood', columns: ['id_number'] },
      { line: 5, username: 'nobody-known', did: 'nothing', why: 'unknown_person' },
    ]
    expect(itemsOf(checked)).toEqual(expected)
    expect([await named(joiner), (await page.get('/me')).status]).toEqual([undefined, 200])
    expect((await browser.post('/people-file/apply', { csv })).body['code']).toBe('step_up_required')
    expect(await named(joiner)).toBeUndefined()

    const done = await send(browser, 'apply', csv)
    expect(itemsOf(done)).toMatchObject(expected)
    expect(itemsOf(done)[0]?.link).toMatch(/\/invitation#[\w-]{43}$/)
    expect(await named(joiner)).toMatchObject({ role: 'manager' })
    const told = (await rooms.records.db.select().from(outbox)).map(({ value }) => JSON.stringify(value))
    expect(told.filter((value) => value.includes(`made so by ${admin.displayName}, by a file of people`))).toHaveLength(
      1,
    )
    expect([401, 423]).toContain((await page.get('/me')).status)
    const events = await rooms.events()
    expect(eventOf(events, done)).toMatchObject({ action: 'admin', actor: admin.id, count: 4, outcome: 'granted' })
    expect(events.filter(({ action, subject }) => action === 'role_change' && subject === leaver.id)).toMatchObject([
      { reason: 'left', actor: admin.id },
    ])
  })

  it('makes, changes and closes no administrator, whatever it says', async () => {
    const { browser } = await rooms.signedIn('admin')
    const { account: other } = await rooms.signedIn('admin')
    const { account: third } = await rooms.signedIn('admin')
    const csv = `username,status,role,phone\nevil,joins,admin,\nevil2,joins, Admin ,\n${other.username.toUpperCase()},leaves,,\n${third.username},stays,,13800138000\n`
    const done = itemsOf(await send(browser, 'apply', csv))
    expect(done.map(({ line, did, why }) => [line, did, why])).toEqual([
      [2, 'refused', 'administrator'],
      [3, 'refused', 'administrator'],
      [4, 'refused', 'administrator'],
      [5, 'refused', 'administrator'],
    ])
    expect([await named('evil'), await named('evil2')]).toEqual([undefined, undefined])
    expect(await named(other.username)).toMatchObject({ role: 'admin', status: 'active' })
  })

  it('is an administrator’s alone, small enough, and CSV', async () => {
    const { browser } = await rooms.signedIn('admin')
    for (const role of ['manager', 'analyst', 'auditor'] as const)
      expect((await (await rooms.signedIn(role)).browser.post('/people-file/check', { csv: 'x' })).status).toBe(403)
    const long = `username,status\n${'nobody,leaves\n'.repeat(1001)}`
    for (const csv of [long, `username,status\n${'x'.repeat(300_000)}`, 'username,status\n"open,leaves\n', ''])
      expect(await browser.post('/people-file/check', { csv })).toMatchObject({
        status: 400,
        body: { code: 'invalid_input', errors: [{ path: 'body.csv' }] },
      })
  })

  it('ends with whoever sent it: closed on the way, they change nothing more', async () => {
    const { account: admin } = await rooms.signedIn('admin')
    const [one, two] = [`j-${uuidv7().slice(-8)}`, `j-${uuidv7().slice(-8)}`]
    let asked = 0
    const stillMay = () => (++asked > 1 ? Promise.reject(new ProblemError('not_signed_in')) : Promise.resolve())
    const tools = { movers: rooms.app.get(Movers), capture: rooms.app.get(CaptureService) }
    const lines = readPeople(`username,status\n${one},joins\n${two},joins\n`)
    const done = await importPeople(tools, lines, { by: admin, apply: true, stillMay })
    expect(done).toMatchObject([{ did: 'joined' }, { did: 'refused', why: 'not_done' }])
    expect(await named(two)).toBeUndefined()
  })
})
