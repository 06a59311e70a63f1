import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { anAlert } from '@custodia/contracts/testing'
import { eq } from 'drizzle-orm'
import { generateSync } from 'otplib'
import { newAccount } from '../identity/account.js'
import { TotpService } from '../identity/totp.service.js'
import { accounts } from '../record-store/schema.js'
import { raisedAlerts } from '../testing/raised-alerts.js'
import { until } from '../testing/settled.js'
import { startRooms, testPassword, type Rooms } from '../testing/start-rooms.js'
import { Guard } from './guard.js'
import { ResponseModule } from './response.module.js'

describe('the guard', () => {
  let rooms: Rooms
  beforeEach(async () => {
    rooms = await startRooms([ResponseModule])
  })
  afterEach(() => rooms?.stop())

  let made = 0
  const newPerson = async (over: { role?: 'staff' | 'admin'; breakGlass?: boolean } = {}): Promise<string> => {
    const account = newAccount({
      username: `p-${++made}`,
      displayName: `P${made}`,
      role: 'staff',
      passwordHash: '',
      ...over,
    })
    await rooms.records.db.insert(accounts).values(account)
    return account.id
  }
  const fire = async (actor: string, rule = 'bulk'): Promise<void> => {
    const alert = anAlert({ id: `alert-${++made}`, actor, rule, time: new Date().toISOString() })
    await rooms.log.append('alerts', { key: alert.id, value: Buffer.from(JSON.stringify({ kind: 'raised', alert })) })
    await until(async () => {
      const [range] = await rooms.log.range('alerts')
      return (await rooms.log.committed('response', 'alerts')).get(0)?.offset === range?.end
    })
  }
  const isFrozen = async (id: string): Promise<boolean> => {
    const [account] = await rooms.records.db.select().from(accounts).where(eq(accounts.id, id))
    return account?.freezeId != null
  }
  const systemAlerts = async () =>
    (await raisedAlerts(rooms.log)).filter(({ rule }) => /^(freeze-guard|break-glass)$/.test(rule))

  it('lets rules keep a small share of the house frozen at once; then the rule only alerts, and that is an alert', async () => {
    const people = await Promise.all(Array.from({ length: 12 }, () => newPerson()))
    for (const person of people.slice(0, 5)) await fire(person)
    const frozen = await Promise.all(people.map(isFrozen))
    expect(frozen.filter(Boolean)).toHaveLength(3)
    const [raised, ...more] = await until(async () => {
      const found = await systemAlerts()
      return found.length ? found : undefined
    })
    expect(more).toEqual([])
    expect(raised).toMatchObject({
      rule: 'freeze-guard',
      severity: 'critical',
      respond: [{ do: 'alert' }, { do: 'notify' }],
    })
    expect(raised?.text.en).toContain('Rule bulk has frozen 3 accounts at once')
    expect(await rooms.app.get(Guard).trips()).toMatchObject([{ rule: 'bulk', reason: '3 accounts at once' }])
  })

  it('counts each rule by the hour, and leaves the others alone', async () => {
    const people = await Promise.all(Array.from({ length: 320 }, () => newPerson()))
    for (const person of people.slice(0, 21)) await fire(person)
    await fire(people[30]!, 'another')
    expect(await isFrozen(people[19]!)).toBe(true)
    expect(await isFrozen(people[20]!)).toBe(false)
    expect(await isFrozen(people[30]!)).toBe(true)
    expect(await rooms.app.get(Guard).trips()).toMatchObject([{ rule: 'bulk', reason: '20 accounts in an hour' }])
  }, 60_000)

  it('never takes the last administrator, and leaves a sealed account alone, loudly', async () => {
    const admin = await newPerson({ role: 'admin' })
    const sealed = await newPerson({ breakGlass: true })
    await fire(admin)
    await fire(sealed)
    expect([await isFrozen(admin), await isFrozen(sealed)]).toEqual([false, false])
    const found = await until(async () => {
      const alerts = await systemAlerts()
      return alerts.length ? alerts : undefined
    })
    expect(found).toMatchObject([{ rule: 'break-glass', actor: sealed, severity: 'critical' }])
  })

  it('is loud as well when somebody signs in with a sealed account', async () => {
    const { account } = await rooms.signedIn('admin')
    await rooms.records.db.update(accounts).set({ breakGlass: true }).where(eq(accounts.id, account.id))
    const secret = await rooms.app.get(TotpService).install(account.id)
    await rooms.records.db.update(accounts).set({ totpLastStep: 0 }).where(eq(accounts.id, account.id))
    const browser = rooms.browser()
    await browser.post('/auth/password', { username: account.username, password: testPassword })
    expect((await browser.post('/auth/totp', { code: generateSync({ secret }) })).status).toBe(200)
    const [raised] = await until(async () => {
      const alerts = await systemAlerts()
      return alerts.length ? alerts : undefined
    })
    expect(raised).toMatchObject({ rule: 'break-glass', actor: account.id, title: 'A sealed account is in use' })
  })
})
