import { pino, type Logger } from 'pino'
import { missingMigrations, openAuditStoreAs, privateSocketPath, type AuditStore } from './audit-store/index.js'
import { readConfig, type Config } from './config.js'
import { startDetection } from './detection/index.js'
import { openEmbeddedEventLog, openKafkaEventLog } from './event-log/index.js'
import { serveHealth } from './health/index.js'
import { startLanding } from './landing/index.js'
import { reaching, StartError } from './settings/index.js'

interface Running {
  /** rejects when a part failed */
  done: Promise<unknown>
  stop(): Promise<void>
}

/** Landing's audit store. Its schema is brought to this version first, by whom the configuration names for that. */
const openAuditStore = async ({ audit, dataDir, retention }: Config, logger: Logger): Promise<AuditStore> => {
  const servers = audit === 'embedded' || 'socketPath' in audit ? undefined : audit
  const socketPath =
    audit !== 'embedded' && 'socketPath' in audit ? audit.socketPath : privateSocketPath(dataDir, 'audit.sock')
  const place = { servers, socketPath, retention }
  const name = servers ? 'ClickHouse' : `The embedded ClickHouse at ${socketPath}`
  if (servers === undefined || servers.migrator !== undefined) {
    const migrator = openAuditStoreAs('migrator', place)
    const changed = await reaching(name, () => migrator.migrate()).finally(() => migrator.close())
    if (changed.length > 0) logger.info({ changed }, 'the audit store has a newer schema')
  }
  const store = openAuditStoreAs('writer', place)
  const missing = await reaching(name, () => missingMigrations(store))
  if (missing.length > 0)
    throw new StartError(`The audit store lacks ${missing.join(', ')}: run \`custodia migrate\` first.`)
  return store
}

/** Opens log and audit store, then runs ③a landing and ③b detection side by side, or the one that was asked for. */
const run = async (config: Config, logger: Logger): Promise<Running> => {
  const store = await openAuditStore(config, logger)
  const log = config.kafka
    ? await openKafkaEventLog({ ...config.kafka, clientId: 'custodia-streams' })
    : await openEmbeddedEventLog({ dir: config.logDir })
  const { runs, rulesDirs, memoryCeiling } = config
  const detection = runs.detection
    ? await startDetection({ log, rulesDirs, logger, now: Date.now, memoryCeiling })
    : undefined
  const running = [
    ...(runs.landing ? [await startLanding({ log, store, logger })] : []),
    ...(detection ? [detection] : []),
  ]
  const health = await serveHealth(config.dataDir, [
    { part: 'event log', check: () => log.check() },
    { part: 'audit store', check: () => store.check() },
    ...(detection
      ? [
          { part: 'detection memory', check: () => detection.checkMemory(), about: () => detection.memory() },
          { part: 'full windows', check: () => detection.checkWindows() },
        ]
      : []),
  ])
  return {
    done: Promise.all(running.map((part) => part.done)),
    stop: async () => {
      await health.close()
      await Promise.all(running.map((part) => part.stop()))
      await Promise.all([log.close(), store.close()])
    },
  }
}

const main = async (): Promise<void> => {
  const config = readConfig()
  const logger = pino({ level: config.logLevel, base: { process: 'streams' } })
  const running = await run(config, logger)
  let stopping = false
  const stop = (why: string): void => {
    if (stopping) return
    stopping = true
    logger.info({ why }, 'stopping')
    running.stop().then(
      () => process.exit(0),
      (error: unknown) => end(error),
    )
  }
  process.on('SIGTERM', () => stop('SIGTERM'))
  process.on('SIGINT', () => stop('SIGINT'))
  process.on('disconnect', () => stop('the parent ended')) // only where there is a channel to a parent
  running.done.catch((error: unknown) => end(error)) // uncommitted work is read again by whoever starts next
  process.send?.({ ready: true })
  logger.info(config.runs, 'running')
}

/** One sentence on stderr, for the one who started it, and a non-zero exit. */
const end = (error: unknown): never => {
  process.stderr.write(`streams: ${error instanceof Error ? error.message : String(error)}\n`)
  process.exit(1)
}

main().catch(end)
