import { describe, expect, it } from '@jest/globals'
import { changesOf } from './retention.js'

const ttl = `toDateTime(appended_at) + toIntervalMonth(12), toDateTime(appended_at) + toIntervalMonth(3) TO VOLUME 'cold'`

describe('the retention of a table', () => {
  it('is set where it is missing: the policy first, because it has the volume', () => {
    expect(changesOf('MergeTree ORDER BY id SETTINGS index_granularity = 8192', ttl, 'tiers')).toEqual([
      `MODIFY SETTING storage_policy = 'tiers'`,
      `MODIFY TTL ${ttl}`,
    ])
  })

  it('is left alone where it is in force', () => {
    const engine = `MergeTree ORDER BY id TTL ${ttl} SETTINGS index_granularity = 8192, storage_policy = 'tiers'`
    expect(changesOf(engine, ttl, 'tiers')).toEqual([])
    expect(changesOf(`MergeTree ORDER BY id TTL ${ttl}`, ttl, undefined)).toEqual([])
  })
})
