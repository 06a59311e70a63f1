import { rm } from 'node:fs/promises'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import { anAlert } from '@custodia/contracts/testing'
import { eq } from 'drizzle-orm'
import { alerts, noticeDeliveries } from '../record-store/schema.js'
import { until } from '../testing/settled.js'
import { aNotice } from './testing/message.js'
import type { NewChannel } from './testing/channel.js'
import { somethingTold, startGateways, type Gateways } from './testing/gateways.js'
import { startReceiver, withJson, type Receiver } from './testing/receiver.js'

let gateways: Gateways
let receiver: Receiver
beforeAll(async () => {
  gateways = await startGateways()
})
afterAll(async () => {
  await gateways.stop()
  await rm(gateways.dir, { recursive: true, force: true })
})
beforeEach(async () => {
  receiver = await startReceiver()
})
afterEach(async () => {
  await receiver.stop()
  await gateways.clear()
})

const to = (path: string, over: Partial<NewChannel> = {}) =>
  gateways.channel({ config: { kind: 'slack', url: `${receiver.url}/${path}` }, ...over })
const announce = (over: Parameters<typeof somethingTold>[0] = {}) =>
  gateways.deliveries.announce(somethingTold(over), new Date())
const paths = () => receiver.received.map(({ path }) => path)
const states = async () => (await gateways.rows()).map(({ state }) => state)
const settled = (expected: string[]) =>
  until(async () => JSON.stringify(await states()) === JSON.stringify(expected) || undefined)

describe('each notice once', () => {
  it('whoever hears of it, and however often', async () => {
    await to('a')
    const told = somethingTold()
    await Promise.all([1, 2, 3, 4].map(() => gateways.deliveries.announce(told, new Date())))
    expect(await states()).toEqual(['waiting'])
  })

  it('whichever of two gateways sends it', async () => {
    await to('a')
    for (let n = 0; n < 30; n++) await announce()
    const [one, two] = [gateways.sender(), gateways.sender()]
    one.kick()
    two.kick()
    await settled(Array.from({ length: 30 }, () => 'sent'))
    expect(paths()).toHaveLength(30)
  })

  it('not to a channel that was added after it became known', async () => {
    await to('a')
    await gateways.deliveries.announce(somethingTold(), new Date(-1))
    expect(await states()).toEqual([])
  })
})

describe('a gateway that dies in the middle', () => {
  it('is taken over from when its claim has run out; what it says afterwards counts no more', async () => {
    const channel = await to('a')
    await announce()
    const lost = await gateways.deliveries.claim(channel)
    if (!lost) throw new Error('nothing to claim')
    const sender = gateways.sender()
    sender.kick()
    expect(await gateways.deliveries.claim(channel)).toBeUndefined()
    expect(paths()).toEqual([])
    await gateways.db.update(noticeDeliveries).set({ claimedUntil: new Date(0) })
    sender.kick()
    await settled(['sent'])
    await gateways.deliveries.settle(lost, { kind: 'refused', reason: 'HTTP 404' })
    expect(await states()).toEqual(['sent'])
  })

  it('leaves what failed to the next one', async () => {
    await to('a')
    receiver.answer = withJson({}, 500)
    await announce()
    const first = gateways.sender()
    first.kick()
    await until(async () => (await gateways.rows())[0]?.error)
    await first.onModuleDestroy()
    receiver.answer = withJson({})
    await gateways.later()
    gateways.sender().kick()
    await settled(['sent'])
    expect(await gateways.rows()).toMatchObject([{ attempts: 2, error: null }])
  })
})

describe('what fails', () => {
  const failed = async () => {
    gateways.sender().kick()
    return until(async () => (await gateways.rows()).find(({ error, claimedUntil }) => error && !claimedUntil))
  }

  it('waits as long as the other side asks', async () => {
    await to('a')
    receiver.answer = (response) => response.writeHead(429, { 'retry-after': '600' }).end()
    await announce()
    const before = Date.now()
    const { state, attempts, error, dueAt } = await failed()
    expect({ state, attempts, error }).toEqual({ state: 'waiting', attempts: 1, error: 'HTTP 429' })
    expect(dueAt?.getTime()).toBeGreaterThan(before + 590_000)
  })

  it('is undelivered at once when it is refused, and after a day when nobody answers', async () => {
    await to('a')
    receiver.answer = withJson({}, 404)
    await announce()
    expect(await failed()).toMatchObject({ state: 'undelivered', error: 'HTTP 404', dueAt: null })
    await gateways.clear()
    await to('b')
    receiver.answer = withJson({}, 500)
    await announce()
    await gateways.db.update(noticeDeliveries).set({ giveUpAt: new Date() })
    expect(await failed()).toMatchObject({ state: 'undelivered', error: 'HTTP 500' })
  })

  it('keeps no other channel waiting', async () => {
    await to('hangs')
    await to('works')
    const answer = receiver.answer
    receiver.answer = (response, received) => (received.path === '/hangs' ? undefined : answer(response, received))
    for (let n = 0; n < 3; n++) await announce()
    gateways.sender().kick()
    await until(() => paths().filter((path) => path === '/works').length === 3)
    expect(paths().filter((path) => path === '/hangs')).toHaveLength(1)
  })
})

describe('repeats', () => {
  it('of one rule and person are one message, with how many there were', async () => {
    await to('a')
    const sender = gateways.sender()
    await announce({ group: 'g' })
    sender.kick()
    await settled(['sent'])
    for (let n = 0; n < 4; n++) await announce({ group: 'g' })
    await announce({ group: 'another' })
    sender.kick()
    await settled(['sent', 'waiting', 'joined', 'joined', 'joined', 'sent'])
    const [, waiting] = await gateways.rows()
    expect(waiting?.repeats).toBe(4)
    expect(waiting?.dueAt?.getTime()).toBeGreaterThan(Date.now() + 8 * 60_000)
    await gateways.later()
    sender.kick()
    await settled(['sent', 'sent', 'joined', 'joined', 'joined', 'sent'])
    expect(receiver.received.at(-1)?.json['text']).toContain('4 times since the last message.')
  })

  it('are messages of their own where a channel wants it so', async () => {
    await to('a', { group_minutes: 0 })
    for (let n = 0; n < 3; n++) await announce({ group: 'g' })
    gateways.sender().kick()
    await settled(['sent', 'sent', 'sent'])
  })
})

describe('quiet hours', () => {
  it('put off what can wait, and not what is grave', async () => {
    const clock = (hours: number) =>
      new Date(Date.now() + hours * 3_600_000).toLocaleTimeString('sv-SE', {
        timeZone: 'Asia/Shanghai',
        timeStyle: 'short',
      })
    await to('a', { quiet: { from: clock(-1), to: clock(1), unless: 'critical' } })
    await announce({ notice: aNotice({ severity: 'high' }) })
    await announce({ notice: aNotice({ severity: 'critical' }) })
    gateways.sender().kick()
    await settled(['waiting', 'sent'])
    const waits = await until(async () => (await gateways.rows()).find(({ claimedUntil }) => !claimedUntil))
    expect(waits.attempts).toBe(0)
    expect(waits.dueAt?.getTime()).toBeGreaterThan(Date.now())
  })
})

describe('on-call order', () => {
  const first = () => to('first')
  const second = () => to('second', { after_minutes: 15 })

  it('calls the second only after a while', async () => {
    await first()
    await second()
    await announce()
    gateways.sender().kick()
    await settled(['sent', 'waiting'])
    expect(paths()).toEqual(['/first'])
    await gateways.later()
    gateways.sender().kick()
    await settled(['sent', 'sent'])
  })

  it('but everybody at once of a rule that froze too many, or a sealed account', async () => {
    await first()
    await second()
    await announce({ notice: aNotice({ kind: 'guard', rule: 'freeze-guard', severity: 'critical' }) })
    gateways.sender().kick()
    await settled(['sent', 'sent'])
    expect(paths().sort()).toEqual(['/first', '/second'])
  })

  it('and not at all when somebody has acknowledged the alert', async () => {
    await second()
    const alert = anAlert({ id: 'acknowledged' })
    const { id, rule, severity } = alert
    const row = { id, rule, severity, alert, time: new Date(), state: 'acknowledged' as const, logOffset: 0 }
    await gateways.db.insert(alerts).values(row)
    await announce({ notice: aNotice({ alert_id: id }) })
    await gateways.later()
    gateways.sender().kick()
    await settled(['not_needed'])
    await gateways.db.delete(alerts).where(eq(alerts.id, id))
    expect(paths()).toEqual([])
  })

  it('and at once when the first cannot be told', async () => {
    receiver.answer = (response, { path }) => response.writeHead(path === '/first' ? 410 : 200).end()
    await first()
    await second()
    await announce()
    const sender = gateways.sender()
    sender.kick()
    await until(async () => (await states())[0] === 'undelivered')
    await until(async () => {
      sender.kick()
      return (await states())[1] === 'sent'
    })
  })
})
