import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { AccountRecord, type Freeze } from '@custodia/contracts'
import { locks } from '../record-store/locks.js'
import { until } from '../testing/settled.js'
import { startRooms, type Rooms } from '../testing/start-rooms.js'
import { OutboxService } from './outbox.service.js'
import { ResponseModule } from './response.module.js'

const aFreeze = (account: string): Freeze => {
  const set_at = new Date().toISOString()
  return { id: account, account, reason: 'copying', by: 'system', set_at, until: set_at }
}

describe('the outbox', () => {
  let rooms: Rooms
  beforeAll(async () => {
    rooms = await startRooms([ResponseModule])
  })
  afterAll(() => rooms?.stop())

  const published = async (): Promise<string[]> => {
    const accounts: string[] = []
    for (const { partition, start, end } of await rooms.log.range('accounts'))
      for await (const { value } of rooms.log.read('accounts', partition, start, end)) {
        const record = AccountRecord.parse(JSON.parse(Buffer.from(value).toString()))
        if (record.kind === 'frozen') accounts.push(record.freeze.account)
      }
    return accounts
  }

  const others = Object.entries(locks).filter(([work]) => work !== 'publishing' && work !== 'migrating')

  it.each(others)('publishes a freeze while somebody holds the lock of %s', async (work, lock) => {
    await rooms.records.session(async ({ query }) => {
      await query('select pg_advisory_lock($1)', [lock])
      const outbox = rooms.app.get(OutboxService)
      await rooms.records.db.transaction((tx) => outbox.putAccount(tx, work, { kind: 'frozen', freeze: aFreeze(work) }))
      outbox.kick()
      await until(async () => (await published()).includes(work))
    })
  })

  it('shares its lock with no other work, and no two works share one', () => {
    expect(new Set(Object.values(locks)).size).toBe(Object.keys(locks).length)
  })
})
