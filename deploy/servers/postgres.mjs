import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { chmod, chown, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { certify } from './certify.mjs'
import { cacheOf, fillCache, freePort, serverProcess } from './server-process.mjs'

const run = promisify(execFile)

/** The oldest that Custodia runs on is what Debian 12 brings. */
const OLDEST = 15
const installed = '/usr/lib/postgresql'
const cache = cacheOf('debian-postgresql')
/** it refuses root, and so does every program of it */
const nobody = 65534
const asUnprivileged = process.getuid?.() === 0 ? { uid: nobody, gid: nobody, cwd: '/' } : { cwd: '/' }

const oldestBelow = async (root) => {
  const versions = (await readdir(root).catch(() => [])).map(Number).filter((version) => version >= OLDEST)
  const version = versions.sort((a, b) => a - b).find((each) => existsSync(join(root, `${each}/bin/postgres`)))
  return version && { version, bin: join(root, `${version}/bin`) }
}

/** Debian's packages, unpacked into the cache once; nothing is installed, and nobody needs to be root. */
const unpack = async (work) => {
  const { stdout } = await run('apt-cache', ['search', '--names-only', '^postgresql-[0-9]+$'])
  const found = [...stdout.matchAll(/^postgresql-(\d+) /gm)].map(([, version]) => Number(version))
  const version = found.filter((each) => each >= OLDEST).sort((a, b) => a - b)[0]
  if (!version) throw new Error(`apt knows no PostgreSQL ${OLDEST} or later; is \`apt-get update\` needed?`)
  const packages = [`postgresql-${version}`, `postgresql-client-${version}`, 'libpq5']
  await run('apt-get', ['download', ...packages], { cwd: work })
  for (const file of (await readdir(work)).filter((name) => name.endsWith('.deb')))
    await run('dpkg', ['-x', file, 'root'], { cwd: work })
  await chmod(work, 0o755) // whoever the server runs as must be able to read it
  return work
}

export const fetchPostgres = async () => {
  const unpacked = join(cache, 'root', installed)
  const found = (await oldestBelow(installed)) ?? (await oldestBelow(unpacked))
  if (found) return found
  await fillCache(cache, unpack).catch((cause) => {
    throw new Error(`Tests on a real PostgreSQL need Debian's packages: \`apt-get install postgresql\`. ${cause}`, {
      cause,
    })
  })
  return oldestBelow(unpacked)
}

/** libpq where it was unpacked; elsewhere the system's */
const environment = async () => {
  const lib = join(cache, 'root/usr/lib')
  const [triplet] = (await readdir(lib).catch(() => [])).filter((name) => name.includes('-linux-'))
  return { PATH: '/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC', ...(triplet && { LD_LIBRARY_PATH: join(lib, triplet) }) }
}

/**
 * A real PostgreSQL of Debian, on a free port of 127.0.0.1, for a user with a password (SCRAM), with TLS. `kill` is SIGQUIT, which writes no checkpoint,
 * and keeps the data; `start` brings the same server back on the same port; `stop` ends it and removes what it wrote.
 */
export const startPostgres = async () => {
  const { version, bin } = await fetchPostgres()
  const env = await environment()
  const dir = await mkdtemp(join(tmpdir(), 'custodia-postgres-'))
  const [data, key, ca, secret] = ['data', 'key.pem', 'ca.pem', 'password'].map((name) => join(dir, name))
  const port = await freePort()
  const password = randomBytes(12).toString('hex')

  const settings = { port, listen_addresses: '127.0.0.1', unix_socket_directories: '', ssl: 'on', fsync: 'off' }
  const more = { ssl_cert_file: ca, ssl_key_file: key, max_connections: 60 }
  const set = Object.entries({ ...settings, ...more }).flatMap(([name, value]) => ['-c', `${name}=${value}`])
  const { start, end } = serverProcess({
    name: 'PostgreSQL',
    command: join(bin, 'postgres'),
    args: ['-D', data, ...set],
    options: { ...asUnprivileged, env },
    ready: 'ready to accept connections', // its port answers before that
    lastSignal: 'SIGQUIT',
  })
  const stop = async () => {
    await end('SIGINT')
    await rm(dir, { recursive: true, force: true })
  }
  try {
    await certify(key, ca)
    await writeFile(secret, password)
    await mkdir(data, { mode: 0o700 })
    if (asUnprivileged.uid) for (const path of [dir, data, key, secret]) await chown(path, nobody, nobody)
    const login = ['-U', 'custodia', '-A', 'scram-sha-256', `--pwfile=${secret}`]
    const args = ['-D', data, ...login, '-E', 'UTF8', '--locale=C.UTF-8', '--no-sync']
    await run(join(bin, 'initdb'), args, { ...asUnprivileged, env })
    await start()
  } catch (error) {
    await stop()
    throw error
  }
  const urlOf = (database) => `postgres://custodia:${password}@127.0.0.1:${port}/${database}`
  /** makes an empty database and says how to reach it */
  const createDatabase = async (name) => {
    const args = ['-h', '127.0.0.1', '-p', String(port), '-U', 'custodia', name]
    await run(join(bin, 'createdb'), args, { env: { ...env, PGPASSWORD: password } })
    return urlOf(name)
  }
  return {
    version,
    createDatabase,
    bin,
    /** of such a database, over TLS, verified */
    securedUrlOf: (database) => `${urlOf(database)}?sslmode=verify-full&sslrootcert=${encodeURIComponent(ca)}`,
    start,
    stop,
    kill: () => end('SIGQUIT'),
  }
}
