import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { TestClient } from '../../backend/src/testing/client.js'
import { startTestPostgres, type TestPostgres } from '../../backend/src/testing/postgres.js'
import { overHttp } from './over-http.js'
import { freePort } from './system.js'

const cli = fileURLToPath(new URL('../../backend/dist/cli/custodia.js', import.meta.url))
const patienceMs = 300_000

/** Two gateways as an orchestrator starts them, without a supervisor, on a database that nobody has set up. */
describe('the first gateways of a new house', () => {
  let dir: string
  let postgres: TestPostgres
  let port: number
  const processes: ChildProcess[] = []
  const codes: string[] = []

  /** Resolves with what it prints, once the code is in it. */
  const start = async (): Promise<string> => {
    port = await freePort()
    const { host, user, database } = postgres.connection
    const env = {
      NODE_OPTIONS: '',
      PORT: String(port),
      PUBLIC_URL: 'http://localhost:8080',
      CUSTODIA_DATA_DIR: join(dir, 'data'),
      CUSTODIA_POSTGRES_URL: `postgres://${user}@/${database}?host=${encodeURIComponent(host)}`,
    }
    const child = spawn(process.execPath, [cli, 'gateway'], {
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    processes.push(child)
    return new Promise((resolve, reject) => {
      let output = ''
      for (const stream of [child.stdout, child.stderr])
        stream.on('data', (chunk: Buffer) => {
          output += chunk.toString()
          const [, code] = /^Setup code[^:]*: (\S+)$/m.exec(output) ?? []
          if (code) resolve(code)
        })
      child.once('exit', () => reject(new Error(`no code was printed:\n${output}`)))
    })
  }

  beforeAll(async () => {
    dir = mkdtempSync(join(tmpdir(), 'custodia-first-'))
    postgres = await startTestPostgres()
    for (let n = 0; n < 2; n++) codes.push(await start())
  }, patienceMs)
  afterAll(async () => {
    await Promise.all(processes.map((each) => each.exitCode ?? (each.kill('SIGKILL') && once(each, 'exit'))))
    await postgres?.stop()
    rmSync(dir, { recursive: true, force: true })
  })

  it('each print a code, the one of the first works at the second, and then none does', async () => {
    expect(new Set(codes).size).toBe(2)
    const body = {
      username: 'root',
      display_name: 'Root',
      password: 'four quiet rivers meet',
      preset: 'separation' as const,
    }
    const [first = '', second = ''] = codes
    const setUp = (code: string) => new TestClient(overHttp(port)).call('setup', { body: { ...body, code } })
    expect((await setUp(first)).body).toMatchObject({ next: 'enrol' })
    expect((await setUp(second)).body.code).toBe('setup_done')
  })
})
