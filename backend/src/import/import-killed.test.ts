import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import type { AccessEvent } from '@custodia/contracts'
import { readLog } from '@custodia/streams/integrity'
import { sql } from 'drizzle-orm'
import { environmentWith } from '../config.js'
import { randomFrom } from '../demo/random.js'
import { customers, importPlans, photos } from '../record-store/schema.js'
import { aPicture } from '../testing/customers.js'
import { startTestPostgres, type TestPostgres } from '../testing/postgres.js'
import { openKeyFile } from '../vault/keys/key-file.js'
import { aRow, flagsFor, person, shortReportOf, writeTable } from './testing/import-world.js'

const cli = fileURLToPath(new URL('../../dist/cli/custodia.js', import.meta.url))
const rows = 30

/** Processes are started again and again, on machines that may be busy. */
const patienceMs = 300_000

describe('an import that is killed and run again', () => {
  let dir: string
  let postgres: TestPostgres
  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'custodia-import-'))
    postgres = await startTestPostgres()
  })
  afterAll(async () => {
    await postgres?.stop()
    await rm(dir, { recursive: true, force: true })
  })

  const start = (flags: string[]) => {
    const { host, user, database } = postgres.connection
    const env = environmentWith({
      NODE_OPTIONS: '',
      CUSTODIA_DATA_DIR: join(dir, 'data'),
      CUSTODIA_POSTGRES_URL: `postgres://${user}@/${database}?host=${encodeURIComponent(host)}`,
    })
    return spawn(process.execPath, [cli, 'import', ...flags], { env, stdio: ['ignore', 'ignore', 'pipe'] })
  }
  const count = (table: typeof customers | typeof photos | typeof importPlans) => postgres.records.db.$count(table)
  const events = async () => {
    const found: AccessEvent[] = []
    for await (const { value } of readLog(join(dir, 'data', 'log'), 'access-events'))
      found.push(JSON.parse(value.toString()) as AccessEvent)
    return found
  }

  const objects = async () =>
    (await readdir(join(dir, 'data', 'photos'), { recursive: true, withFileTypes: true }))
      .filter((entry) => entry.isFile() && !entry.parentPath.endsWith('.growing'))
      .map(({ name }) => name)
  /** This part of all commits fails, when the events are in the log already. */
  const failingCommits = (part: number) =>
    postgres.records.db.execute(
      sql.raw(`create or replace function fails() returns trigger language plpgsql as
        'begin if random() < ${part} then raise exception ''no commit''; end if; return null; end';
        drop trigger if exists fails on customers; create constraint trigger fails after insert on customers deferrable initially deferred
        for each row execute function fails()`),
    )

  it(
    'has every customer, photo and event once, and nothing half done',
    async () => {
      const random = randomFrom(20_261_122)
      await mkdir(join(dir, 'photos'))
      const table = await Promise.all(
        Array.from({ length: rows }, async (_, at) => {
          await writeFile(join(dir, 'photos', `${at}.jpg`), await aPicture(at))
          await writeFile(join(dir, 'photos', `${at}-face.jpg`), await aPicture(at + 100))
          return aRow({ 照片: `${at}.jpg`, 人脸: `${at}-face.jpg` })
        }),
      )
      await writeTable(dir, table)
      await openKeyFile(join(dir, 'data', 'keys', 'master.json'))
      await person(postgres.records, 'admin')
      await person(postgres.records, 'staff')
      const flags = flagsFor(dir, '--photos', join(dir, 'photos'), '--apply')
      for (const target of [1, 10, 20]) {
        await failingCommits(0.3)
        const run = start(flags)
        const ended = once(run, 'exit')
        while ((await count(customers)) < target && run.exitCode === null) await sleep(5)
        await failingCommits(1)
        while ((await count(importPlans)) === 0 && run.exitCode === null) await sleep(5)
        await sleep(random.between(0, 40))
        run.kill('SIGKILL')
        await ended
        expect(await count(importPlans)).toBeGreaterThan(0)
      }

      await failingCommits(0.3)
      const last = start(flags)
      let complaint = ''
      last.stderr.on('data', (chunk: Buffer) => (complaint += chunk.toString()))
      const [code] = (await once(last, 'exit')) as [number]
      expect([code, complaint.includes('Error')]).toEqual([0, false])

      const made = await postgres.records.db.select({ id: customers.id }).from(customers)
      const kept = await postgres.records.db.select().from(photos)
      expect([made.length, kept.length, await count(importPlans)]).toEqual([rows, rows * 2, 0])
      const log = await events()
      const of = (action: string) => log.filter((event) => event.action === action)
      expect(
        of('create')
          .map((event) => event.customer_id)
          .sort(),
      ).toEqual(made.map(({ id }) => id).sort())
      expect(
        of('photo_upload')
          .map((event) => event.record_id)
          .sort(),
      ).toEqual(kept.map(({ id }) => id).sort())
      expect(of('delete')).toEqual([])
      expect((await objects()).sort()).toEqual(
        kept.flatMap(({ objectKey, thumbnailKey }) => [objectKey, thumbnailKey]).sort(),
      )
      const statuses = (await shortReportOf(dir)).map((line) => line.split(' ')[1])
      expect(statuses.filter((status) => status === 'imported' || status === 'there')).toHaveLength(rows)
    },
    patienceMs,
  )

  it(
    'is given up, with an event that says so, where another file does not bring the row again',
    async () => {
      const flags = flagsFor(dir, '--photos', join(dir, 'photos'), '--apply')
      const created = async () => (await events()).filter(({ action }) => action === 'create').length
      await writeTable(dir, [aRow({ 照片: '0.jpg' })])
      await failingCommits(1)
      const run = start(flags)
      const ended = once(run, 'exit')
      while ((await created()) === rows && run.exitCode === null) await sleep(5)
      run.kill('SIGKILL')
      await ended
      expect([await count(importPlans), await count(customers)]).toEqual([1, rows])

      await failingCommits(0)
      await writeTable(dir, [aRow()])
      await once(start(flags), 'exit')
      expect([await count(importPlans), await count(customers), await count(photos)]).toEqual([0, rows + 1, rows * 2])
      const given = (await events()).filter(({ action }) => action === 'delete')
      expect(given.map(({ reason }) => reason)).toEqual([expect.stringContaining('an unfinished row was given up')])
      expect((await objects()).length).toBe(rows * 4)
    },
    patienceMs,
  )
})
