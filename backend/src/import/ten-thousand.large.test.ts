import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, link, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, it } from '@jest/globals'
import { environmentWith } from '../config.js'
import { drawIdPhoto } from '../demo/id-photo.js'
import { demoPerson } from '../demo/people.js'
import { startPostgres, type EmbeddedPostgres } from '../record-store/embedded.js'
import { RecordStore } from '../record-store/record-store.js'
import { customers, photos } from '../record-store/schema.js'
import { openKeyFile } from '../vault/keys/key-file.js'
import { flagsFor, person, writeTable } from './testing/import-world.js'

const cli = fileURLToPath(new URL('../../dist/cli/custodia.js', import.meta.url))
const rows = 10_000
const drawings = 20

let base: string
let server: EmbeddedPostgres
let records: RecordStore
beforeAll(async () => {
  base = await mkdtemp(join(tmpdir(), 'custodia-import-'))
  await chmod(base, 0o711) // as root, the database server runs as somebody else
  server = await startPostgres({ dataDir: join(base, 'postgres'), runDir: join(base, 'run') })
  records = await RecordStore.open({ connection: server.connection, onError: () => undefined })
})
afterAll(async () => {
  await records?.close()
  await server?.stop()
  await rm(base, { recursive: true, force: true })
})

it('brings in 10,000 customers with two photos each, durably, and says how long it took', async () => {
  const place = join(base, 'photos')
  await mkdir(place)
  let bytes = 0
  for (let at = 0; at < drawings; at++)
    for (const kind of ['id_front', 'id_back'] as const) {
      const photo = await drawIdPhoto(kind, demoPerson(at), at)
      bytes += photo.length / (drawings * 2)
      await writeFile(join(place, `.${kind}-${at}`), photo)
    }
  const people = new Map(
    Array.from({ length: rows + 200 }, (_, at) => demoPerson(at)).map((one) => [one.id_number, one]),
  )
  const table = [...people.values()].slice(0, rows).map((one, at) => ({
    ...{ 姓名: one.name, 身份证号: one.id_number, 手机: one.phone, 地址: one.address, 业务类型: one.business_type },
    ...{ 身份证正面: `${at}-1.jpg`, 身份证反面: `${at}-2.jpg` },
  }))
  expect(table).toHaveLength(rows)
  await writeTable(base, table)
  for (let at = 0; at < rows; at++) {
    await link(join(place, `.id_front-${at % drawings}`), join(place, `${at}-1.jpg`))
    await link(join(place, `.id_back-${at % drawings}`), join(place, `${at}-2.jpg`))
  }
  await openKeyFile(join(base, 'data', 'keys', 'master.json'))
  await person(records, 'admin')
  await person(records, 'staff')

  for (const flags of [[], ['--apply']]) {
    const { host, user, database } = server.connection
    const env = environmentWith({
      NODE_OPTIONS: '',
      CUSTODIA_DATA_DIR: join(base, 'data'),
      CUSTODIA_POSTGRES_URL: `postgres://${user}@/${database}?host=${encodeURIComponent(host)}`,
    })
    const began = performance.now()
    const run = spawn(process.execPath, [cli, 'import', ...flagsFor(base, '--photos', place, ...flags)], {
      env,
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    let said = ''
    run.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()))
    let mostMemory = ''
    const watch = setInterval(() => {
      void readFile(`/proc/${run.pid}/status`, 'utf8').then(
        (status) => (mostMemory = /VmHWM:\s*(\d+)/.exec(status)?.[1] ?? mostMemory),
        () => undefined,
      )
    }, 1000)
    const [code] = (await once(run, 'exit')) as [number]
    clearInterval(watch)
    const seconds = (performance.now() - began) / 1000
    expect([code, said]).toEqual([0, expect.stringContaining(flags.length ? '10000 imported' : '10000 ok')])
    process.stdout.write(
      `${flags.length ? 'import' : 'dry run'} of ${rows} customers with 2 photos each (${Math.round(bytes / 1024)} KB on average): ` +
        `${seconds.toFixed(0)} s, ${(rows / seconds).toFixed(0)} customers/s, ${Math.round(Number(mostMemory) / 1024)} MB at most\n`,
    )
  }
  expect([await records.db.$count(customers), await records.db.$count(photos)]).toEqual([rows, rows * 2])
}, 3_600_000)
