import { inspectKafka, type KafkaFacts } from '@custodia/streams/event-log'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Config } from '../../config.js'
import { clockOutcome, fail, ok, warn, type Check, type Outcome } from './finding.js'

const patienceMs = 4000

export const kafka = ({ kafka: settings, dataDir }: Config): Check => ({
  name: settings ? 'Kafka' : 'event log',
  otherwise: 'see that the brokers run, and what CUSTODIA_KAFKA_BROKERS, _SSL, _CA and _SASL_* say',
  run: async () => {
    if (!settings) return [embedded(dataDir)]
    const facts = await inspectKafka(settings, patienceMs)
    return [...cluster(facts), ...topics(facts), ...copies(facts, settings.replication), ...clock(facts)]
  },
})

const embedded = (dataDir: string): Outcome =>
  existsSync(join(dataDir, 'log'))
    ? ok('LMDB in the data directory')
    : warn(
        'LMDB in the data directory; nothing there yet',
        'the first start makes it; CUSTODIA_KAFKA_BROKERS names a cluster',
      )

const cluster = ({ brokers, isVersion4 }: KafkaFacts): Outcome[] => [
  isVersion4
    ? ok(`${brokers} broker${brokers === 1 ? '' : 's'}, version 4 or newer`)
    : warn('brokers older than version 4', 'use Kafka 4: older ones were never tried'),
]

function topics({ missing, closed, wrong }: KafkaFacts): Outcome[] {
  const found: Outcome[] = closed.map((each) =>
    fail(each, 'allow this user to Describe, DescribeConfigs, Read and Write it, and IdempotentWrite on the cluster'),
  )
  found.push(
    ...wrong.map((each) => fail(each, 'set it as declared (kafka-configs.sh --alter), or give CUSTODIA_KAFKA_PREFIX')),
  )
  if (missing.length > 0)
    found.push(warn(`topics missing: ${missing.join(', ')}`, 'run `custodia migrate`, or start a gateway'))
  return found.length > 0 ? found : [ok('every topic as declared, and readable')]
}

function copies({ leaderless, behind, replication = 0, brokers }: KafkaFacts, declared: number | undefined): Outcome[] {
  const found: Outcome[] = []
  if (leaderless.length > 0)
    found.push(
      fail(
        `without a leader: ${leaderless.join(', ')}`,
        'bring the lost brokers back: no access is granted until then',
      ),
    )
  if (behind.length > 0)
    found.push(warn(`copies not in sync: ${behind.join(', ')}`, 'see why a broker is away or slow'))
  if (replication > 0 && declared !== undefined && replication < declared)
    found.push(
      warn(
        `topics have ${replication} copies instead of ${declared}`,
        'reassign partitions (kafka-reassign-partitions.sh)',
      ),
    )
  if (replication === 1)
    found.push(
      warn(
        'one copy of every event: a lost disk loses the log',
        brokers < 3
          ? 'use three brokers and CUSTODIA_KAFKA_REPLICATION=3'
          : 'set CUSTODIA_KAFKA_REPLICATION=3 and reassign partitions',
      ),
    )
  return found.length > 0 || replication === 0 ? found : [ok(`${replication} copies of every partition, all in sync`)]
}

/** A broker's clock shows in its stamps alone: one that is behind looks like an old record, one that is ahead cannot hide. */
const clock = ({ newestAheadMs = 0 }: KafkaFacts): Outcome[] => clockOutcome(Math.max(0, newestAheadMs), 0)
