import type { RecordStore } from '../../backend/src/record-store/record-store.js'
import { startTestPostgres } from '../../backend/src/testing/postgres.js'
import { startSystem, type RunningSystem, type SystemOptions } from './system.js'

/** The whole system on a PostgreSQL that the test reaches, too: time that has passed is written there, and not waited for. */
export async function startSystemWithRecords(
  options: SystemOptions = {},
): Promise<RunningSystem & { records: RecordStore }> {
  const { records, connection, stop: stopPostgres } = await startTestPostgres()
  const { host, user, database } = connection
  const CUSTODIA_POSTGRES_URL = `postgres://${user}@/${database}?host=${encodeURIComponent(host)}`
  try {
    const system = await startSystem({ ...options, env: { ...options.env, CUSTODIA_POSTGRES_URL } })
    const stop = async () => {
      const code = await system.stop()
      await stopPostgres()
      return code
    }
    return { ...system, output: () => system.output(), stop, records }
  } catch (error) {
    await stopPostgres()
    throw error
  }
}
