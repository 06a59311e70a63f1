/** A process that starts PostgreSQL and waits to be killed: `node hold-postgres.js <data dir> <run dir>` prints the server's process id. */
import { startPostgres } from '../record-store/embedded.js'

const [dataDir, runDir] = process.argv.slice(2)
if (!dataDir || !runDir) throw new Error('usage: hold-postgres <data dir> <run dir>')
const server = await startPostgres({ dataDir, runDir })
process.stdout.write(`${server.pid}\n`)
