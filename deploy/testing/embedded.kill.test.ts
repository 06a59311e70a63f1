import { join } from 'node:path'
import { afterAll, beforeAll, describe, it } from '@jest/globals'
import { readLog, type RawRecord } from '../../streams/src/integrity/index.js'
import { startCluster, type Cluster } from './cluster.js'
import { killAndCompare, kills } from './kill-story.js'
import { strictRules } from './strict-rules.js'

describe('gateway, landing and detection on the embedded log', () => {
  let cluster: Cluster

  beforeAll(async () => {
    cluster = await startCluster({
      streams: ['landing', 'detection'],
      rules: strictRules,
      env: { CUSTODIA_HOLD_TIMEOUT_MS: '1000' },
    })
  })
  afterAll(() => cluster?.stop())

  const read = async (topic: string): Promise<RawRecord[]> => {
    const records: RawRecord[] = []
    for await (const record of readLog(join(cluster.dataDir, 'log'), topic)) records.push(record)
    return records
  }

  it('lose nothing, double nothing and decide the same, however often they are killed', async () => {
    const targets = [...cluster.gateways, ...cluster.streams].map((part) => ({
      name: part.name,
      times: kills,
      kill: () => part.kill(),
    }))
    await killAndCompare({ cluster, targets, read })
  })
})
