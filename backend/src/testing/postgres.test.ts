import { existsSync } from 'node:fs'
import { describe, expect, it } from '@jest/globals'
import { accounts } from '../record-store/schema.js'
import { startTestPostgres } from './postgres.js'

describe('databases for tests', () => {
  it('are migrated, each for itself, and gone afterwards', async () => {
    const [one, other] = await Promise.all([startTestPostgres(), startTestPostgres()])
    expect(one.connection.database).not.toBe(other.connection.database)
    expect(await one.records.db.select().from(accounts)).toEqual([])
    await one.records.db.execute('create table mine (id int)')
    await expect(other.records.db.execute('select * from mine')).rejects.toThrow()
    await one.stop()
    await other.records.check()
    await other.stop()
    expect(existsSync(other.connection.host)).toBe(false)
  })

  it('can be had again after the last one was stopped', async () => {
    const again = await startTestPostgres()
    await again.records.check()
    await again.stop()
  })
})
