import { createHash, timingSafeEqual } from 'node:crypto'
import { once } from 'node:events'
import { createServer, request, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { privateSocketPath, startChdb } from '../../streams/src/audit-store/index.js'

export interface ClickHouseStandIn {
  /** `host:port` */
  address: string
  /** users that were made over it, with the role that each has */
  users(): Record<string, string>
  stop(): Promise<void>
}

interface User {
  hash: string
  salt: string
  role?: string
}

const refusals = { wrong: '516. Authentication failed', noRight: '497. Not enough privileges' }
const hashOf = (text: string) => createHash('sha256').update(text).digest('hex')

/**
 * The embedded engine where a ClickHouse server would be: on a port, behind passwords. The engine knows no users, so those are kept
 * here: an administrator makes them by the same statements, and each may do about what its role is for. Only tests use it so.
 */
export async function startClickHouseStandIn(
  dataDir: string,
  administrator: string,
  password: string,
): Promise<ClickHouseStandIn> {
  const socketPath = privateSocketPath(dataDir, 'audit.sock')
  const engine = await startChdb({ dataDir, socketPath })
  const users = new Map<string, User>([[administrator, { hash: hashOf(password), salt: '', role: 'administrator' }]])

  async function answer(asked: IncomingMessage): Promise<keyof typeof refusals | { pass: Buffer } | { say: string }> {
    const body = await buffer(asked)
    if (asked.url === '/ping') return { pass: body }
    const user = signedIn(users, asked.headers.authorization)
    if (!user) return 'wrong'
    const inAddress = new URL(asked.url ?? '', 'http://here').searchParams.get('query')
    const statement = (inAddress ?? body.toString()).trim()
    if (user.role === 'administrator') return learn(users, statement) ? { say: '' } : { pass: body }
    const asksFor = /^CHECK GRANT (\w+)/.exec(statement)?.[1]
    if (asksFor) return { say: has(user.role, asksFor) ? '1\n' : '0\n' }
    return may(user.role, statement) ? { pass: body } : 'noRight'
  }

  const server = createServer((asked, reply) => {
    void answer(asked).then((decided) => {
      if (typeof decided === 'string')
        return void reply
          .writeHead(403, { 'x-clickhouse-exception-code': refusals[decided].slice(0, 3) })
          .end(`Code: ${refusals[decided]}.\n`)
      if ('say' in decided) return void reply.writeHead(200).end(decided.say)
      const { method, url, headers } = asked
      const passed = request({ socketPath, method, path: url, headers }, (result) => {
        reply.writeHead(result.statusCode ?? 502, result.headers)
        result.pipe(reply)
      })
      passed.once('error', () => reply.destroy()).end(decided.pass)
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    users: () => Object.fromEntries([...users].map(([name, { role = '' }]) => [name, role])),
    stop: async () => {
      server.close()
      server.closeAllConnections()
      await engine.stop()
    },
  }
}

function signedIn(users: Map<string, User>, authorization = ''): User | undefined {
  const [name = '', password = ''] = Buffer.from(authorization.replace(/^Basic /, ''), 'base64')
    .toString()
    .split(':')
  const user = users.get(name)
  if (!user) return undefined
  const [shown, wanted] = [hashOf(password + user.salt), user.hash].map((hash) => Buffer.from(hash))
  return timingSafeEqual(shown!, wanted!) ? user : undefined
}

/** Whether it was a statement about users. */
function learn(users: Map<string, User>, statement: string): boolean {
  const [, name = '', hash = '', salt = ''] =
    /^(?:CREATE|ALTER) USER (?:IF NOT EXISTS )?`(\w+)` IDENTIFIED WITH sha256_hash BY '(\w+)' SALT '(\w+)'$/.exec(
      statement,
    ) ?? []
  if (name) users.set(name, { ...users.get(name), hash, salt })
  const [, role = '', to = ''] = /^GRANT (custodia_\w+) TO `(\w+)`$/.exec(statement) ?? []
  const user = users.get(to)
  if (user) user.role = role
  return /^(CREATE|ALTER|GRANT)\b.*\b(USER|ROLE|TO)\b/.test(statement)
}

const has = (role: string | undefined, right: string): boolean =>
  role === 'custodia_migrator' || role === { SELECT: 'custodia_reader', INSERT: 'custodia_writer' }[right]

/** What the grants of each role come to (streams/src/audit-store/users.ts). */
function may(role: string | undefined, statement: string): boolean {
  const reads = /^(SELECT|WITH|EXPLAIN|SHOW|DESCRIBE|EXISTS)\b/i.test(statement)
  if (role === 'custodia_migrator') return true
  if (role === 'custodia_reader') return reads
  if (role !== 'custodia_writer') return false
  const named = /\bFROM (\w+)/i.exec(statement)?.[1]
  if (reads) return named === undefined || ['schema_migrations', 'system'].includes(named)
  return /^INSERT INTO (access_events|verdicts|alerts|dead_letters|late_events)\b/.test(statement)
}
