import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals'
import { Metrics } from '../capture/metrics.js'
import { Listener } from '../notices/listener.js'
import { NoticesModule } from '../notices/notices.module.js'
import { backupRuns, notices } from '../record-store/schema.js'
import { ResponseModule } from '../response/response.module.js'
import { startRooms, type Rooms } from '../testing/start-rooms.js'
import { BackupScheduler } from './backup-scheduler.js'
import { BackupWatch } from './backup-watch.js'
import { BackupModule } from './backup.module.js'
import { Runs, type Run, type RunKind } from './runs.js'

const hour = 3_600_000
const day = 24 * hour
const zone = 'Asia/Shanghai'
/** 02:30 in Shanghai, on the eleventh. */
const slot = new Date('2026-03-10T18:30:00Z')
const after = (ms: number, from = slot) => new Date(from.getTime() + ms)

let rooms: Rooms
let runs: Runs
beforeAll(async () => {
  rooms = await startRooms([BackupModule, ResponseModule, NoticesModule], undefined, {
    CUSTODIA_BACKUP_TARGET: '/nowhere', // nothing is made in this test
    CUSTODIA_BACKUP_PASSPHRASE: 'a passphrase for tests alone',
    CUSTODIA_BACKUP_MAX_AGE_HOURS: '36',
  })
  runs = new Runs(rooms.records)
})
afterAll(() => rooms?.stop())
afterEach(async () => {
  await rooms.records.db.delete(backupRuns)
})

const run = async (kind: RunKind, startedAt: Date, state: Run['state'] = 'verified'): Promise<void> => {
  const id = await runs.begin({ kind, backup: startedAt.toISOString(), target: '/nowhere', by: 'system', startedAt })
  if (state !== 'running') await runs.end(id, { state, finishedAt: startedAt })
}

describe('the alarm', () => {
  const warningsAt = async (now: Date): Promise<readonly string[]> => {
    const watch = rooms.app.get(BackupWatch)
    await watch.look(now.getTime())
    return watch.warnings()
  }

  it('is raised when the newest verified backup is too old, whatever failed since, and ends with the next one', async () => {
    await run('backup', slot)
    expect(await warningsAt(after(36 * hour))).toEqual([])
    await run('backup', after(day), 'failed')
    await run('backup', after(30 * hour), 'running')
    expect(await warningsAt(after(36 * hour + 1))).toEqual(['the newest verified backup is too old'])
    await run('backup', after(37 * hour))
    expect(await warningsAt(after(37 * hour))).toEqual([])
  })

  it('is told to people, once, and by the age that Prometheus reads all the while', async () => {
    await run('backup', slot)
    const listener = rooms.app.get(Listener, { strict: false })
    await warningsAt(after(hour))
    await listener.lookAtBackups()
    expect(await rooms.records.db.select().from(notices)).toEqual([])
    await warningsAt(after(3 * day))
    await listener.lookAtBackups()
    await listener.lookAtBackups()
    const told = await rooms.records.db.select().from(notices)
    expect(told.map(({ notice }) => [notice.kind, notice.severity, notice.text.en])).toEqual([
      ['backup', 'critical', 'Backups need attention: the newest verified backup is too old.'],
    ])
    const age = await rooms.app.get(Metrics).backupAge.get()
    expect(age.values.map(({ labels, value }) => [labels.state, value])).toEqual([['verified', (3 * day) / 1000]])
  })

  it('is raised where there never was one, counted from the start, and by a drill that failed until one passes', async () => {
    expect(await warningsAt(new Date())).toEqual([])
    expect(await warningsAt(after(37 * hour, new Date()))).toEqual(['there is no verified backup'])
    await run('backup', slot)
    await run('drill', after(hour), 'failed')
    expect(await warningsAt(after(2 * hour))).toEqual(['the last restore drill failed'])
    await run('drill', after(3 * hour))
    expect(await warningsAt(after(4 * hour))).toEqual([])
  })
})

describe('the schedule', () => {
  const dueAt = (now: Date, dailyAt: string | undefined = '02:30') =>
    rooms.app.get(BackupScheduler).due(dailyAt, zone, now)

  it('makes the first backup at once, then one a day, with a drill as soon as there is one', async () => {
    expect(await dueAt(after(-hour))).toBe('backup')
    await run('backup', after(-hour))
    expect(await dueAt(after(-hour))).toBe('drill')
    await run('drill', after(-hour))
    expect(await dueAt(after(-1))).toBeUndefined()
    expect(await dueAt(slot)).toBe('backup')
    await run('backup', slot)
    expect(await dueAt(after(day - 1))).toBeUndefined()
    expect(await dueAt(after(day))).toBe('backup')
  })

  it('leaves alone what another gateway is making, and tries again an hour after a failure', async () => {
    await run('backup', slot, 'running')
    expect(await dueAt(after(59 * 60_000))).toBeUndefined()
    expect(await dueAt(after(hour))).toBe('backup') // that one was killed
    await run('backup', after(hour), 'failed')
    expect(await dueAt(after(hour + 1))).toBeUndefined()
    expect(await dueAt(after(2 * hour))).toBe('backup')
  })

  it('makes a drill a month, a day after one that failed, and also where backups are made by hand', async () => {
    await run('backup', slot)
    await run('drill', slot, 'failed')
    expect(await dueAt(after(hour))).toBeUndefined()
    await run('backup', after(day))
    expect(await dueAt(after(day))).toBe('drill')
    await run('drill', after(day))
    await run('backup', new Date('2026-03-31T15:00:00Z'))
    expect(await dueAt(new Date('2026-03-31T15:59:00Z'))).toBeUndefined()
    expect(await dueAt(new Date('2026-03-31T16:00:00Z'))).toBe('drill') // April has begun in Shanghai
    expect(await rooms.app.get(BackupScheduler).due(undefined, zone, new Date('2026-03-31T16:00:00Z'))).toBe('drill')
  })
})
