import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import type { AccountRecord, Alert, NoticeChannel, UndeliveredNotice } from '@custodia/contracts'
import { anAlert } from '@custodia/contracts/testing'
import { sql } from 'drizzle-orm'
import { v7 as uuidv7 } from 'uuid'
import { noticeChannels } from '../record-store/schema.js'
import { ResponseModule } from '../response/response.module.js'
import type { Answer, Browser } from '../testing/browser.js'
import { until } from '../testing/settled.js'
import { startRooms, type Rooms } from '../testing/start-rooms.js'
import { NoticesModule } from './notices.module.js'
import { aChannel, webhookSecret, type NewChannel } from './testing/channel.js'
import { startReceiver, withJson, type Receiver } from './testing/receiver.js'
import { verifiedId } from './verify-webhook.js'

let rooms: Rooms
let admin: Browser
let receiver: Receiver
beforeAll(async () => {
  rooms = await startRooms([ResponseModule, NoticesModule], undefined, { CUSTODIA_NOTICES_ALLOW: '127.0.0.1' })
  admin = (await rooms.signedIn('admin')).browser
})
afterAll(() => rooms?.stop())
beforeEach(async () => {
  receiver = await startReceiver()
})
afterEach(async () => {
  await receiver.stop()
  await rooms.records.db.delete(noticeChannels)
})

const hook = (over: Partial<NewChannel> = {}) =>
  aChannel({ config: { kind: 'webhook', url: `${receiver.url}/hidden-path`, secret: webhookSecret }, ...over })
const bodyOf = <T>({ body }: Answer): T => body as unknown as T
const add = async (over: Partial<NewChannel> = {}): Promise<NoticeChannel> => {
  const answer = await admin.post('/notices/channels', hook(over))
  expect(answer.status).toBe(200)
  return bodyOf(answer)
}
const raise = (alert: Alert) =>
  rooms.log.append('alerts', { key: alert.id, value: Buffer.from(JSON.stringify({ kind: 'raised', alert })) })
const account = (record: AccountRecord) =>
  rooms.log.append('accounts', { key: 'a', value: Buffer.from(JSON.stringify(record)) })
const lastEvent = async () => (await rooms.events()).at(-1)

describe('channels', () => {
  it('are kept without anybody ever reading a secret back', async () => {
    const made = await add()
    const changed = await admin.patch(`/notices/channels/${made.id}`, { language: 'zh-CN' })
    const listed = await admin.get('/notices/channels')
    const { items } = bodyOf<{ items: NoticeChannel[] }>(listed)
    expect(items).toMatchObject([{ id: made.id, language: 'zh-CN', kind: 'webhook', name: 'On duty' }])
    expect(items[0]?.target).toBe(`127.0.0.1:${receiver.port}`)
    const said = JSON.stringify([made, changed.body, listed.body, await rooms.events()])
    const [row] = await rooms.records.db.select().from(noticeChannels)
    for (const secret of [webhookSecret, 'hidden-path']) {
      expect(said).not.toContain(secret)
      expect(row?.config.includes(secret)).toBe(false)
    }
  })

  it('leave an event with each change', async () => {
    const { id } = await add()
    expect(await lastEvent()).toMatchObject({ action: 'admin', outcome: 'granted', record_id: id })
    await admin.patch(`/notices/channels/${id}`, { name: 'Night', config: hook().config })
    expect(await lastEvent()).toMatchObject({ action: 'admin', record_id: id, fields: ['name', 'config'] })
    await admin.delete(`/notices/channels/${id}`)
    expect(await lastEvent()).toMatchObject({ action: 'admin', record_id: id, reason: 'notice channel removed' })
  })

  it('are the administrator’s alone', async () => {
    const { browser: analyst } = await rooms.signedIn('analyst')
    expect((await analyst.get('/notices/channels')).status).toBe(403)
    expect((await analyst.post('/notices/channels', hook())).status).toBe(403)
    expect((await analyst.get('/notices/undelivered')).status).toBe(200)
  })

  it('say by the test button whether they work', async () => {
    const { id } = await add()
    const test = () => admin.post(`/notices/channels/${id}/test`)
    expect((await test()).body).toEqual({ outcome: 'delivered' })
    expect(receiver.received).toMatchObject([{ json: { kind: 'test', severity: 'informational' } }])
    receiver.answer = withJson({ error: webhookSecret }, 403)
    expect((await test()).body).toEqual({ outcome: 'refused', error: 'HTTP 403' })
  })
})

describe('what is told', () => {
  const told = (n = 1) => until(() => (receiver.received.length >= n ? receiver.received : undefined))

  it('an alert, signed, with the person’s name instead of an id', async () => {
    await add()
    const { account: clerk } = await rooms.signedIn('staff')
    const text = { en: `${clerk.id} opened 51 customers’ photos`, zh: `${clerk.id} 打开了 51 位客户的照片` }
    await raise(
      anAlert({ id: uuidv7(), actor: clerk.id, group: { actor: clerk.id }, text, respond: [{ do: 'alert' }] }),
    )
    const [received] = await told()
    expect(received?.json).toMatchObject({
      actor: clerk.displayName,
      text: `${clerk.displayName} opened 51 customers’ photos`,
    })
    expect(received && verifiedId(webhookSecret, received)).toBe(received?.json['id'])
  })

  it('a request to be let in again, without what was written in it', async () => {
    await add({ language: 'zh-CN' })
    await account({
      kind: 'lift_requested',
      account: 'a',
      account_name: '张三',
      message: 'about 11010519491231002X',
      at: new Date().toISOString(),
    })
    const [received] = await told()
    expect(received?.json).toMatchObject({ kind: 'lift_request', text: expect.stringContaining('张三') })
    expect(received?.body.toString()).not.toContain('11010519491231002X')
  })
})

describe('a record store that cannot be written to', () => {
  it('costs no notice: what was not kept is heard again', async () => {
    await add()
    const { db } = rooms.records
    // what a sequence counted stays, though what was attempted is rolled back
    await db.execute(sql`create sequence attempts`)
    await db.execute(sql`create function fail() returns trigger language plpgsql as
      $$ begin perform nextval('attempts'); raise exception 'full'; end $$`)
    await db.execute(sql`create trigger full_up before insert on notices for each row execute function fail()`)
    await raise(anAlert({ id: uuidv7(), actor: undefined, respond: [{ do: 'alert' }] }))
    await until(async () => (await db.execute(sql`select from attempts where is_called`)).rowCount)
    await db.execute(sql`drop trigger full_up on notices`)
    await until(() => receiver.received.length)
    expect(receiver.received).toHaveLength(1)
  }, 30_000)
})

describe('what did not arrive', () => {
  it('is seen by the desk, and sent again by a button', async () => {
    const { browser: analyst } = await rooms.signedIn('analyst')
    await add()
    receiver.answer = withJson({ secret: webhookSecret }, 404)
    await raise(anAlert({ id: uuidv7(), actor: undefined, respond: [{ do: 'alert' }] }))
    const pending = async () =>
      bodyOf<{ items: UndeliveredNotice[] }>(await analyst.get('/notices/undelivered')).items.at(0)
    const item = await until(pending)
    expect(item).toMatchObject({ state: 'undelivered', error: 'HTTP 404', attempts: 1, channel_name: 'On duty' })
    const retry = () => analyst.post(`/notices/undelivered/${item.id}/retry`)
    receiver.answer = withJson({}, 500)
    expect((await retry()).body).toEqual({ outcome: 'retry', error: 'HTTP 500' })
    expect(await pending()).toMatchObject({ state: 'waiting', error: 'HTTP 500', attempts: 2 })
    receiver.answer = withJson({})
    expect((await retry()).body).toEqual({ outcome: 'delivered' })
    expect(await lastEvent()).toMatchObject({ action: 'admin', record_id: item.id, reason: 'notice sent again' })
    expect(await pending()).toBeUndefined()
    expect(receiver.received).toHaveLength(3)
    expect((await retry()).status).toBe(404)
  })
})
