import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from '@jest/globals'
import { openEmbeddedEventLog } from './embedded.js'
import { eventLogContract } from './event-log.contract.js'
import { Peer } from './testing/peer.js'
import { Seen } from './testing/seen.js'
import { numbers, rec } from './testing/values.js'

const peerScript = new URL('../../dist/event-log/testing/embedded-peer.js', import.meta.url)
const newPlace = () => mkdtemp(join(tmpdir(), 'custodia-log-'))
const removePlace = (dir: string) => rm(dir, { recursive: true })

describe('embedded event log', () => {
  eventLogContract({
    newPlace,
    removePlace,
    peerScript,
    open: (dir, options) => openEmbeddedEventLog({ dir, ...options }),
    capabilities: { atomicAcrossPartitions: true, clock: 'process' },
    failsMidway: async () => ({ ...rec('bad', ''), headers: { count: 1n as unknown as string } }), // JSON has none
  })

  it('fails an append within its bound while a frozen process holds the write lock, and goes on when that is killed', async () => {
    const dir = await newPlace()
    const log = await openEmbeddedEventLog({ dir, timeoutMs: 200 })
    const script = `import { open } from 'lmdb'
      const db = open({ path: process.argv[1], noSubdir: true, overlappingSync: false })
      db.transactionSync(() => { process.stdout.write('held'); Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0) })`
    const holder = spawn(process.execPath, ['--input-type=module', '-e', script, join(dir, 'log.mdb')], {
      cwd: import.meta.dirname,
    })
    await once(holder.stdout, 'data')
    await expect(log.append('alerts', rec('k', 'lost'))).rejects.toMatchObject({ definite: true })
    await expect(log.check()).rejects.toThrow('did not answer')
    holder.kill('SIGKILL')
    await once(holder, 'exit')
    // waits for the lock to come free; the appends given up are not in the log
    for (;;) {
      const appended = await log.append('alerts', rec('k', 'kept')).catch(() => undefined)
      if (!appended) continue
      expect(appended.offset).toBe(0)
      break
    }
    await log.close()
    await removePlace(dir)
  })

  it('removes the sockets of killed processes and leaves none of its own', async () => {
    const dir = await newPlace()
    const log = await openEmbeddedEventLog({ dir })
    const peers = await Promise.all(numbers(2).map(() => Peer.start(peerScript, dir)))
    expect(await readdir(join(dir, 'wake'))).toHaveLength(3)
    await Promise.all(peers.map((peer) => peer.kill()))
    await log.close()
    const next = await openEmbeddedEventLog({ dir })
    await next.close()
    expect(await readdir(join(dir, 'wake'))).toEqual([])
    await removePlace(dir)
  })

  it('lets a process that was taken for dead commit nothing, and ends its consumers', async () => {
    const dir = await newPlace()
    const log = await openEmbeddedEventLog({ dir })
    const revoked: number[] = []
    const consumer = log.consume(
      { group: 'g', topic: 'alerts' },
      {
        batch: (partition, records) => partition.commit((records.at(-1)?.offset ?? 0) + 1),
        revoked: async ({ partition }) => void revoked.push(partition),
      },
    )
    await consumer.ready
    for (const socket of await readdir(join(dir, 'wake'))) await rm(join(dir, 'wake', socket)) // nobody can reach it any more
    const other = await Peer.start(peerScript, dir)
    other.order({ do: 'consume', group: 'g', topic: 'alerts', commit: false })
    await other.told('assigned', 1)
    await log.append('alerts', rec('k', ''))
    await expect(consumer.done).rejects.toMatchObject({ name: 'EventLogError', definite: true })
    expect(revoked).toEqual([])
    expect((await log.committed('g', 'alerts')).size).toBe(0)
    await expect(log.check()).rejects.toThrow('took this one for dead')
    await other.kill()
    await log.close()
    await removePlace(dir)
  })

  it('works in a directory whose path is too long for a socket', async () => {
    const top = await newPlace()
    const dir = join(top, 'x'.repeat(120))
    await mkdir(dir)
    const [here, there] = [await openEmbeddedEventLog({ dir }), await Peer.start(peerScript, dir)]
    const seen = new Seen<number>()
    await here.tail({ topic: 'alerts' }, (records) => seen.add(...records.map(({ offset }) => offset))).ready
    there.order({ do: 'append', topic: 'alerts', key: 'k', values: ['a'] })
    expect(await seen.count(1)).toEqual([0])
    there.order({ do: 'close' })
    await there.told('closed', 1)
    await here.close()
    await removePlace(top)
  })
})
