import { pino, type Logger } from 'pino'
import { openClickHouse, privateSocketPath } from './audit-store/index.js'
import { readConfig, type Config } from './config.js'
import { startDetection } from './detection/index.js'
import { openEmbeddedEventLog, openKafkaEventLog } from './event-log/index.js'
import { startLanding } from './landing/index.js'

interface Running {
  /** rejects when a part failed */
  done: Promise<unknown>
  stop(): Promise<void>
}

/** Opens log and audit store, then runs ③a landing and ③b detection side by side. */
const run = async (config: Config, logger: Logger): Promise<Running> => {
  const place =
    config.audit === 'embedded' ? { socketPath: privateSocketPath(config.dataDir, 'audit.sock') } : config.audit
  const store = openClickHouse(place)
  const migrated = await store.migrate()
  if (migrated.length > 0) logger.info({ migrated }, 'the audit store has a newer schema')
  const log = config.kafka
    ? await openKafkaEventLog({ ...config.kafka, clientId: 'custodia-streams' })
    : await openEmbeddedEventLog({ dir: config.logDir })
  const landing = await startLanding({ log, store, logger })
  const detection = await startDetection({ log, rulesDirs: config.rulesDirs, logger, now: Date.now })
  return {
    done: Promise.all([landing.done, detection.done]),
    stop: async () => {
      await Promise.all([landing.stop(), detection.stop()])
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
  logger.info('landing and detection are running')
}

/** One sentence on stderr, for the one who started it, and a non-zero exit. */
const end = (error: unknown): never => {
  process.stderr.write(`streams: ${error instanceof Error ? error.message : String(error)}\n`)
  process.exit(1)
}

main().catch(end)
