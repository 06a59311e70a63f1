import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import type { Alert, Response } from '@custodia/contracts'
import { anAlert } from '@custodia/contracts/testing'
import { eq } from 'drizzle-orm'
import { newAccount } from '../identity/account.js'
import { accounts, freezes, measures } from '../record-store/schema.js'
import { until } from '../testing/settled.js'
import { startRooms, type Rooms } from '../testing/start-rooms.js'
import { FreezesService } from './freezes.service.js'
import { OutboxService } from './outbox.service.js'
import { ResponseModule } from './response.module.js'

const steps = ['step_up', 'throttle', 'mask', 'block', 'freeze'] as const
const minute = 60_000

describe('the ladder', () => {
  let rooms: Rooms
  beforeAll(async () => {
    rooms = await startRooms([ResponseModule])
    // Enough colleagues that what these tests freeze is no large share of the house.
    await Promise.all(Array.from({ length: 200 }, newClerk))
  })
  afterAll(() => rooms?.stop())

  const newClerk = async (): Promise<string> => {
    const account = newAccount({
      username: `c-${Math.random()}`,
      displayName: 'Clerk',
      role: 'staff',
      passwordHash: '',
    })
    await rooms.records.db.insert(accounts).values(account)
    return account.id
  }
  const tell = async (alerts: Alert[]): Promise<void> => {
    for (const alert of alerts)
      await rooms.log.append('alerts', { key: alert.id, value: Buffer.from(JSON.stringify({ kind: 'raised', alert })) })
    await until(async () => {
      const [range] = await rooms.log.range('alerts')
      return (await rooms.log.committed('response', 'alerts')).get(0)?.offset === range?.end
    })
  }
  const stateOf = async (id: string) => {
    const [account] = await rooms.records.db.select().from(accounts).where(eq(accounts.id, id))
    return account!
  }
  const eventsOf = async (id: string) => (await rooms.events()).filter(({ subject }) => subject === id)
  const now = Date.now()
  const alertOf = (actor: string, n: number, respond: Response[], over: Partial<Alert> = {}): Alert =>
    anAlert({
      id: `${actor}-${n}`,
      actor,
      group: { actor },
      time: new Date(now - minute + n * 1000).toISOString(),
      event_at: { partition: 3, offset: 100 - n },
      action: n % 2 ? 'reveal' : 'export',
      rule: n % 3 ? 'often' : 'seldom',
      respond,
      ...over,
    })

  it('leaves one state behind, whatever order alerts arrive in and however often', async () => {
    const respondOf = (n: number): Response[] => [
      { do: 'alert' },
      { do: steps[n % steps.length]!, for_seconds: 600 + 60 * ((n * 7) % 11) },
      { do: steps[(n + 2) % steps.length]!, for_seconds: 900 },
    ]
    const numbers = Array.from({ length: 12 }, (_, n) => n)
    const people = await Promise.all([1, 2, 3, 4, 5, 6].map(newClerk))
    for (const [turn, person] of people.entries()) {
      const alerts = numbers.map((n) => alertOf(person, n, respondOf(n)))
      const twice = turn === 0 ? alerts : [...alerts, ...alerts.filter((_, n) => n % 2)]
      await tell(turn === 0 ? twice : twice.sort(() => Math.random() - 0.5))
    }
    const states = await Promise.all(
      people.map(async (person) => {
        const { frozenUntil, freezeCause, measures: inForce } = await stateOf(person)
        const ofAlert = inForce.map(({ alert_id, ...rest }) => ({ ...rest, alert: alert_id.slice(person.length) }))
        const events = (await eventsOf(person)).map(({ action, fields, record_id }) =>
          [action, fields, record_id?.slice(person.length)].join(),
        )
        return { frozenUntil, freezeCause, inForce: ofAlert, events: events.sort() }
      }),
    )
    expect(states[0]?.inForce.map(({ kind, action }) => [kind, action])).toEqual([
      ['step_up', undefined],
      ['throttle', undefined],
      ['mask', undefined],
      ['block', 'export'],
      ['block', 'reveal'],
    ])
    expect(states[0]?.freezeCause?.partition).toBe(3)
    for (const state of states) expect(state).toEqual(states[0])
  })

  it('says of each step which rule and version it was, and why', async () => {
    const clerk = await newClerk()
    await tell([
      alertOf(clerk, 0, [{ do: 'mask', for_seconds: 600 }, { do: 'freeze' }], { rule: 'r', rule_version: '7' }),
    ])
    const reason = 'r 7: Bulk photo view'
    expect(await eventsOf(clerk)).toMatchObject([
      { action: 'restrict', actor: 'system', fields: ['mask'], record_id: `${clerk}-0`, reason },
      { action: 'freeze', actor: 'system', record_id: `${clerk}-0`, reason },
    ])
  })

  it('does nothing for a rule in shadow, a late alert, or one about nobody here', async () => {
    const clerk = await newClerk()
    const respond: Response[] = [{ do: 'block' }, { do: 'freeze' }]
    await tell([
      alertOf(clerk, 0, respond, { mode: 'shadow' }),
      alertOf(clerk, 1, respond, { may_freeze: false, late: true }),
      alertOf('zoho:somebody', 2, respond),
    ])
    expect(await stateOf(clerk)).toMatchObject({ freezeId: null, measures: [] })
    expect(await eventsOf(clerk)).toEqual([])
  })

  it('counts a lifted freeze as undone: the next one is as long as the first', async () => {
    const clerk = await newClerk()
    const freeze: Response[] = [{ do: 'freeze', for_seconds: 600 }]
    await tell([alertOf(clerk, 1, freeze), alertOf(clerk, 2, freeze)])
    expect(+(await stateOf(clerk)).frozenUntil!).toBe(now - minute + 2000 + 1_200_000)
    const { db } = rooms.records
    await db.transaction((tx) => rooms.app.get(FreezesService).lift(tx, clerk, 'analyst-1', 'a false alarm'))
    rooms.app.get(OutboxService).kick()
    await tell([alertOf(clerk, 4, freeze)])
    expect(+(await stateOf(clerk)).frozenUntil!).toBe(now - minute + 4000 + 600_000)
    const rows = await db.select().from(freezes).where(eq(freezes.accountId, clerk))
    expect(rows.map(({ liftedBy }) => liftedBy).sort()).toEqual(['analyst-1', 'analyst-1', null])
  })

  it('a longer freeze of a lesser rule over one of high severity wants two persons as well, in either order', async () => {
    const freezes = rooms.app.get(FreezesService)
    const { db } = rooms.records
    for (const turn of [1, -1]) {
      const clerk = await newClerk()
      const high = alertOf(clerk, 1, [{ do: 'freeze', for_seconds: 600 }], { rule: 'grave', severity: 'high' })
      const medium = alertOf(clerk, 2, [{ do: 'freeze', for_seconds: 7200 }], { rule: 'lesser', severity: 'medium' })
      await tell([high, medium].toSorted((a, b) => turn * a.id.localeCompare(b.id)))
      const lift = (by: string) => db.transaction((tx) => freezes.liftByHand(tx, clerk, by, 'looked at'))
      const alone = { code: 'second_person_required' }
      expect(await freezes.inForce()).toContainEqual(
        expect.objectContaining({ account: clerk, rule: 'lesser', severity: 'medium', two_persons: true }),
      )
      await expect(lift('analyst-1')).rejects.toMatchObject(alone)
      await db.transaction((tx) => freezes.askToLift(tx, clerk, 'analyst-1', 'looked at'))
      await expect(lift('analyst-1')).rejects.toMatchObject(alone)
      await lift('analyst-2')
      expect(await stateOf(clerk)).toMatchObject({ freezeId: null, frozenUntil: null })
    }
  })

  it('ends by itself, and says so', async () => {
    const clerk = await newClerk()
    const soon = { time: new Date(Date.now() - 599_000).toISOString() }
    await tell([
      alertOf(
        clerk,
        0,
        [
          { do: 'step_up', for_seconds: 600 },
          { do: 'freeze', for_seconds: 600 },
        ],
        soon,
      ),
    ])
    await until(async () => (await eventsOf(clerk)).length === 4)
    expect(await stateOf(clerk)).toMatchObject({ freezeId: null, frozenUntil: null, freezeCause: null, measures: [] })
    expect((await eventsOf(clerk)).filter(({ reason }) => reason === 'time is up').map(({ action }) => action)).toEqual(
      ['lift', 'restrict'],
    )
    const [row] = await rooms.records.db.select().from(measures).where(eq(measures.accountId, clerk))
    expect(row).toMatchObject({ endedBy: 'system' })
  }, 30_000)
})
