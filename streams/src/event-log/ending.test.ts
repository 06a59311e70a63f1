import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { openEmbeddedEventLog } from './embedded.js'

const holder = fileURLToPath(new URL('../../../deploy/testing/faults/hold-log.mjs', import.meta.url))
const built = pathToFileURL(fileURLToPath(new URL('../../dist/event-log/index.js', import.meta.url))).href
const hours = '3600000'

describe('a process that ends while the log is written by another that does not let go', () => {
  let dir: string
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'custodia-ending-'))
    await (await openEmbeddedEventLog({ dir: join(dir, 'log') })).close()
  })
  afterEach(() => rm(dir, { recursive: true, force: true }))

  it.each([
    ['exits', 'process.exit(1)', ''],
    ['fails', "setImmediate(() => { throw new Error('the reason') })", 'the reason'],
  ])('and %s is gone at once, says why, and the log goes on', async (_, ending, reason) => {
    const script = join(dir, 'appends.mjs')
    await writeFile(
      script,
      `const { openEmbeddedEventLog } = await import(${JSON.stringify(built)})
      const log = await openEmbeddedEventLog({ dir: ${JSON.stringify(join(dir, 'log'))}, timeoutMs: 200 })
      process.once('message', async () => {
        await log.append('access-events', { key: 'k', value: Buffer.from('{}') }).catch(() => ${ending})
      })
      process.send('open')`,
    )
    const appending = fork(script, { stdio: ['ignore', 'ignore', 'pipe', 'ipc'], execArgv: [] })
    let said = ''
    appending.stderr!.on('data', (chunk: Buffer) => (said += chunk.toString()))
    await once(appending, 'message')
    const holding = fork(holder, [join(dir, 'log'), hours, '0'], { execArgv: [] })
    await once(holding, 'message')
    appending.send('go')
    const [, signal] = (await once(appending, 'close')) as [number | null, string | null]
    expect([signal, said.includes(reason)]).toEqual(['SIGKILL', true])
    holding.kill('SIGKILL')
    await once(holding, 'exit')
    const log = await openEmbeddedEventLog({ dir: join(dir, 'log') })
    expect(await log.append('access-events', { key: 'k', value: Buffer.from('{}') })).toMatchObject({ offset: 0 })
    await log.close()
  })
})
