import { describe, expect, it } from '@jest/globals'
import { count, row, type OpenStore } from './open-store.js'

/** Who only reads changes nothing. */
export const readerContract = (place: () => OpenStore): void =>
  describe('a connection that only reads', () => {
    it('reads, and is refused everything else', async () => {
      const reader = place().another({ readOnly: true })
      const refused = { code: '164', type: 'READONLY' }
      expect(await reader.query('SELECT {n:UInt8} AS n', { n: 1 }, { maxSeconds: 5 })).toEqual([{ n: 1 }])
      const before = await count(place(), '1')
      await expect(reader.insert('access_events', [row()], { token: 'reader/0' })).rejects.toMatchObject(refused)
      for (const change of [
        `INSERT INTO schema_migrations (version, name) SELECT 99, 'x'`,
        'TRUNCATE TABLE access_events',
        'ALTER TABLE access_events DELETE WHERE 1',
        'DROP TABLE verdicts',
        'CREATE TABLE mine (a UInt8) ENGINE = MergeTree ORDER BY a',
      ])
        await expect(reader.query(change)).rejects.toMatchObject(refused)
      await expect(reader.query('SELECT 1 SETTINGS readonly = 0')).rejects.toMatchObject(refused)
      await expect(reader.migrate()).rejects.toMatchObject(refused)
      expect(await count(place(), '1')).toBe(before)
      await reader.close()
    })
  })
