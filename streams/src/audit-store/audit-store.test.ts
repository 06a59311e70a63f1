import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { auditStoreContract } from './audit-store.contract.js'
import { openClickHouse } from './clickhouse.js'
import { startChdb, type ChdbProcess } from './server/start.js'
import { privateSocketPath } from './socket-path.js'
import { httpOver } from './testing/http-over.js'

let dir: string
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'audit-store-test-'))
})
afterAll(() => rm(dir, { recursive: true, force: true }))

describe('embedded', () => {
  auditStoreContract(async () => {
    const place = { dataDir: join(dir, 'contract'), socketPath: join(dir, 'contract.sock') }
    let server = await startChdb(place)
    const store = openClickHouse(place)
    return {
      store,
      another: (options) => openClickHouse(place, options),
      crash: async () => {
        server.process.kill('SIGKILL')
        await server.exited
        server = await startChdb(place)
      },
      stop: async () => {
        await store.close()
        await server.stop()
      },
    }
  })
})

describe('the process of the embedded store', () => {
  const place = (name: string) => ({ dataDir: join(dir, name), socketPath: join(dir, `${name}.sock`) })
  const started: ChdbProcess[] = []
  const start = async (name: string): Promise<ChdbProcess> => {
    const server = await startChdb(place(name))
    started.push(server)
    return server
  }
  afterAll(() => Promise.all(started.map((server) => server.stop())))

  it('stops cleanly when it is asked to, and its data is there the next time', async () => {
    const first = await start('stopped')
    const store = openClickHouse(place('stopped'))
    await store.migrate()
    await first.stop()
    expect(await first.exited).toBe(0)
    await expect(store.check()).rejects.toThrow('The audit store does not answer.')
    await start('stopped')
    expect(await store.migrate()).toEqual([])
    await store.close()
  })

  it('ends when its parent lets go of it', async () => {
    const server = await start('orphan')
    server.process.disconnect()
    expect(await server.exited).toBe(0)
  })

  it('refuses a directory that another process uses, in one sentence', async () => {
    await start('shared')
    await expect(startChdb(place('shared'))).rejects.toThrow(
      /^The audit store's directory .* is in use by another process, or damaged\.$/,
    )
  })

  it('refuses a directory that cannot be written, in one sentence', async () => {
    const file = join(dir, 'a-file')
    await writeFile(file, '')
    await expect(startChdb({ ...place('x'), dataDir: join(file, 'data') })).rejects.toThrow(
      /^The audit store's directory .* cannot be written\.$/,
    )
  })

  it('answers as ClickHouse does to a plain HTTP client: gzip, readonly GET, errors with their code', async () => {
    await start('http')
    const send = httpOver(place('http').socketPath)
    expect(await send('GET', '/ping')).toMatchObject({ status: 200, text: 'Ok.\n' })
    expect(await send('POST', '/', 'CREATE TABLE t (a UInt8) ORDER BY a')).toMatchObject({ status: 200 })
    expect(await send('POST', '/?query=INSERT+INTO+t+FORMAT+CSV', '1\n2\n', { gzip: true })).toMatchObject({
      status: 200,
    })
    expect(await send('GET', '/?query=SELECT+sum(a)+FROM+t')).toMatchObject({ status: 200, text: '3\n' })
    expect(await send('GET', '/?query=DROP+TABLE+t')).toMatchObject({ status: 500, code: '164' })
    expect(await send('POST', '/', 'SELECT nosuch()')).toMatchObject({ status: 404, code: '46' })
    expect(await send('POST', '/?nosuch=1', 'SELECT 1')).toMatchObject({ status: 404, code: '115' })
    expect(await send('POST', '/', '')).toMatchObject({ status: 400, code: '62' })
    expect(await send('GET', '/elsewhere')).toMatchObject({ status: 404 })
  })
})

describe('the place of a socket', () => {
  it('is in the data directory, or in a short private one where that path is too long', async () => {
    expect(privateSocketPath(dir, 'audit.sock')).toBe(join(dir, 'run', 'audit.sock'))
    const deep = join(dir, 'd'.repeat(80))
    const short = privateSocketPath(deep, 'audit.sock')
    expect(short.length).toBeLessThan(100)
    expect(privateSocketPath(deep, 'audit.sock')).toBe(short)
    await rm(join(short, '..'), { recursive: true })
  })
})
