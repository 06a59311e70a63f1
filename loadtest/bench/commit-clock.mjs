import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startPostgres } from '../../backend/dist/record-store/embedded.js'
import { RecordStore } from '../../backend/dist/record-store/record-store.js'

/** The database that the system would start for itself, except that it keeps when each transaction was committed. */
export async function startCommitClock() {
  const base = mkdtempSync(join(tmpdir(), 'custodia-clock-'))
  chmodSync(base, 0o711) // as root, the database server's own user must pass through
  const settings = { track_commit_timestamp: 'on' }
  const server = await startPostgres({ dataDir: join(base, 'postgres'), runDir: join(base, 'run'), settings })
  const { connection } = server
  const { host, user, database } = connection
  const records = await RecordStore.open({ connection, pool: 1, onError: (error) => console.error(error.message) })
  return {
    url: `postgres://${user}@/${database}?host=${encodeURIComponent(host)}`,
    /** when a freeze became true, in milliseconds of this machine's clock; a little before it was on disk and anybody could know */
    committedAt: async (freezeId) => {
      const at = 'extract(epoch from pg_xact_commit_timestamp(xmin)) * 1000'
      const { rows } = await records.db.execute(`select ${at} as at from freezes where id = '${freezeId}'`)
      return Number(rows[0].at)
    },
    stop: async () => {
      await records.close()
      await server.stop()
      rmSync(base, { recursive: true, force: true })
    },
  }
}
