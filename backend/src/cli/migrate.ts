import { openKafkaEventLog } from '@custodia/streams/event-log'
import { openAuditStore, openRecordStore } from '../adapters.module.js'
import type { Config } from '../config.js'
import { createLogger } from '../logger.js'
import { StartError, whyOf } from './start-error.js'

const say = (line: string): void => void process.stdout.write(`${line}\n`)

/**
 * Brings the schemas of the servers that the configuration names to this version: tables, and topics that are missing. Run
 * once before the new processes start; those that still run an earlier version go on working meanwhile.
 */
export async function migrate(config: Config): Promise<void> {
  const { postgresUrl, clickhouse, kafka } = config
  if (!postgresUrl && !clickhouse && !kafka)
    throw new StartError(
      'There is nothing to migrate: the configuration names no server, and `start` migrates its own.',
    )
  if (postgresUrl)
    await migrating('PostgreSQL', async () => {
      const records = await openRecordStore(config, createLogger('silent', 'migrate'))
      await records.close()
      return 'the schema is the newest'
    })
  if (clickhouse)
    await migrating('ClickHouse', async () => {
      const audit = openAuditStore(config, 'migrator')
      const ran = await audit.migrate().finally(() => audit.close())
      return `the schema is the newest${ran.length ? `; now ran ${ran.join(', ')}` : ''}`
    })
  if (kafka)
    await migrating('Kafka', async () => {
      const log = await openKafkaEventLog({ ...kafka, clientId: 'custodia-migrate' })
      await log.close()
      return 'every topic is there, as declared'
    })
}

/** Whoever cannot be migrated is named; what ran before stays, and is passed over the next time. */
async function migrating(server: string, run: () => Promise<string>): Promise<void> {
  try {
    say(`${server}: ${await run()}`)
  } catch (cause) {
    if (cause instanceof StartError) throw cause
    throw new StartError(`${server} was not migrated: ${whyOf(cause)}. \`custodia doctor\` tells what to do.`, {
      cause,
    })
  }
}
