import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { openEmbeddedEventLog } from '../event-log/index.js'
import { readLog } from './read-log.js'
import type { RawRecord } from './read-log.js'

const all = async (dir: string, topic: string): Promise<RawRecord[]> => {
  const records: RawRecord[] = []
  for await (const record of readLog(dir, topic)) records.push(record)
  return records
}

describe('independent reader', () => {
  let dir = ''
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'custodia-log-'))
  })
  afterEach(() => rm(dir, { recursive: true }))

  it('finds what was appended, byte for byte and in its place, while the log is open and after it was closed', async () => {
    const log = await openEmbeddedEventLog({ dir })
    const records = Array.from({ length: 1500 }, (_, n) => ({
      key: `k${n % 30}`,
      value: Buffer.from(`值 ${n}`),
      headers: { n: `${n}`, 'schema-version': '1' },
    }))
    const positions = await log.appendAll('access-events', records)
    const expected = new Map(positions.map((p, n) => [`${p.partition}/${p.offset}`, { ...p, ...records[n] }]))
    for (const close of [false, true]) {
      if (close) await log.close()
      const found = await all(dir, 'access-events')
      expect(found).toHaveLength(1500)
      for (const record of found) expect(record).toEqual(expected.get(`${record.partition}/${record.offset}`))
    }
  })

  it('leaves the log usable to those who have it open', async () => {
    const log = await openEmbeddedEventLog({ dir })
    await log.append('alerts', { key: 'k', value: Buffer.from('1') })
    expect(await all(dir, 'alerts')).toHaveLength(1)
    await log.append('alerts', { key: 'k', value: Buffer.from('2') })
    expect(await all(dir, 'alerts')).toHaveLength(2)
    expect(await all(dir, 'verdicts')).toEqual([])
    await log.close()
  })

  it('says that a topic or a log is not there', async () => {
    await expect(all(dir, 'alerts')).rejects.toThrow()
    await (await openEmbeddedEventLog({ dir })).close()
    await expect(all(dir, 'no-such-topic')).rejects.toThrow()
  })
})
