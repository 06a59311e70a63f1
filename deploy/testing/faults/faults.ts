import { execFileSync, fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { constants, readdirSync, renameSync, statSync } from 'node:fs'
import { open, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { LineMode } from '../fault-proxy.js'
import { descendantsOf } from '../processes.js'
import { limitFiles, type Server } from './servers.js'
import type { FaultWorld } from './world.js'

/** Which protected routes may still be served while it lasts; every answer that was must be in the log. */
export type Expected = 'all but a photo that comes in' | 'all' | 'all but what is asked of ClickHouse' | 'none' | 'some'

export interface Fault {
  sink: string
  name: string
  /** how it is made */
  how: string
  expected: Expected
  begin(world: FaultWorld, about: { photo: string }): Promise<void> | void
  end(world: FaultWorld): Promise<void> | void
}

type Part = (world: FaultWorld) => Server

const line = (of: Part, mode: LineMode): Pick<Fault, 'begin' | 'end'> => ({
  begin: (world) => of(world).line.set(mode),
  end: (world) => of(world).line.set('pass'),
})

/** What can happen to any server, and what of ours goes on meanwhile. */
function ofServer(sink: string, of: Part, expected: Expected, full: Pick<Fault, 'how' | 'expected'>): Fault[] {
  return [
    {
      sink,
      name: 'stopped',
      how: 'SIGKILL, later started again',
      expected,
      begin: (world) => of(world).kill(),
      end: (world) => of(world).start(),
    },
    {
      sink,
      name: 'resetting',
      how: 'each connection is reset',
      expected,
      ...line(of, 'reset'),
    },
    {
      sink,
      name: 'black-holed',
      how: 'a proxy takes connections and carries nothing',
      expected,
      ...line(of, 'swallow'),
    },
    {
      sink,
      name: 'slow',
      how: 'each piece is 300 ms late',
      expected: expected === 'none' ? 'some' : expected,
      ...line(of, 'slow'),
    },
    {
      sink,
      name: 'full',
      how: full.how,
      expected: full.expected,
      begin: (world) => of(world).fill(),
      end: (world) => of(world).free(),
    },
  ]
}

const refused = 'the kernel refuses its writes to files (RLIMIT_FSIZE)'
export const postgresFaults = ofServer('PostgreSQL', (world) => world.postgres, 'none', {
  how: 'a disk of its own without a free byte (tmpfs); it ends, and is started again once there is room',
  expected: 'some',
})
export const clickhouseFaults = ofServer(
  'ClickHouse',
  (world) => world.clickhouse,
  'all but what is asked of ClickHouse',
  {
    how: refused,
    expected: 'all but what is asked of ClickHouse',
  },
)
export const s3Faults = ofServer('photos in S3', (world) => world.s3!, 'some', {
  how: refused,
  expected: 'all but a photo that comes in',
})

const holder = fileURLToPath(new URL('./hold-log.mjs', import.meta.url))
let holding: ChildProcess | undefined
const hold = async ({ dataDir }: FaultWorld, heldMs: number, freeMs: number) => {
  holding = fork(holder, [join(dataDir, 'log'), String(heldMs), String(freeMs)])
  await once(holding, 'message')
}
const letGo = async () => {
  const ended = once(holding!, 'exit')
  holding!.kill('SIGKILL')
  await ended
}
const hours = 3_600_000

export const embeddedLogFaults: Fault[] = [
  {
    sink: 'event log, LMDB',
    name: 'black-holed',
    how: 'another process holds its write lock and does not let go until it is killed',
    expected: 'none',
    begin: (world) => hold(world, hours, 0),
    end: letGo,
  },
  {
    sink: 'event log, LMDB',
    name: 'slow',
    how: 'another process holds its write lock 400 ms of each 450',
    expected: 'some',
    begin: (world) => hold(world, 400, 50),
    end: letGo,
  },
  {
    sink: 'event log, LMDB',
    name: 'full',
    how: 'the kernel refuses the gateway’s writes to files (RLIMIT_FSIZE)',
    expected: 'none',
    begin: ({ gateway }) => limitFiles([gateway.pid!], 4096),
    end: ({ gateway }) => limitFiles([gateway.pid!], 'unlimited'),
  },
]

export const detectionFaults: Fault[] = [
  {
    sink: 'detection',
    name: 'stopped',
    how: 'SIGKILL, started again like any process that ends',
    expected: 'some',
    begin: ({ streams }) => streams.kill(),
    end: ({ streams }) => streams.started(),
  },
  {
    sink: 'detection',
    name: 'frozen',
    how: 'SIGSTOP: no verdict comes',
    expected: 'some',
    begin: ({ streams }) => streams.freeze(),
    end: ({ streams }) => streams.thaw(),
  },
]

let turns: NodeJS.Timeout | undefined
const broker = () => descendantsOf(process.pid, /kafka\.Kafka/)

export const kafkaFaults: Fault[] = [
  {
    sink: 'event log, Kafka',
    name: 'stopped',
    how: 'the only broker is killed, later started again',
    expected: 'none',
    begin: ({ kafka }) => kafka!.kill(),
    end: ({ kafka }) => kafka!.start(),
  },
  {
    sink: 'event log, Kafka',
    name: 'black-holed',
    how: 'SIGSTOP: the broker takes connections and says nothing',
    expected: 'none',
    begin: ({ kafka }) => kafka!.freeze(),
    end: ({ kafka }) => kafka!.thaw(),
  },
  {
    sink: 'event log, Kafka',
    name: 'slow',
    how: 'the broker is stopped 300 ms of each 400',
    expected: 'some',
    begin: ({ kafka }) => {
      turns = setInterval(() => {
        void kafka!.freeze()
        setTimeout(() => kafka!.thaw(), 300)
      }, 400)
    },
    end: async ({ kafka }) => {
      clearInterval(turns)
      await sleep(400)
      kafka!.thaw()
    },
  },
  {
    sink: 'event log, Kafka',
    name: 'full',
    how: 'the kernel refuses its writes (RLIMIT_FSIZE); the broker ends and is started again',
    expected: 'none',
    begin: () => limitFiles(broker(), 512),
    end: async ({ kafka }) => {
      await kafka!.kill()
      await kafka!.start()
    },
  },
]

const fileOf = ({ dataDir }: FaultWorld, name: string): string => {
  const found = readdirSync(join(dataDir, 'photos'), { recursive: true, withFileTypes: true }).find(
    (entry) => entry.name === name,
  )
  return join(found!.parentPath, name)
}
let swapped: { path: string; away: string } | undefined
/** In the photo's place a pipe that nobody writes to: whoever opens it waits in the kernel, as on a disk that hangs. */
const hang = (world: FaultWorld, name: string) => {
  const path = fileOf(world, name)
  swapped = { path, away: `${path}.away` }
  renameSync(path, swapped.away)
  execFileSync('mkfifo', ['-m', '600', path])
}
const writeTo = async (path: string, content: Buffer) => {
  // Opens at once when somebody waits for it, else not at all.
  const pipe = await open(path, constants.O_WRONLY | constants.O_NONBLOCK).catch(() => undefined)
  await pipe?.write(content)
  await pipe?.close()
}
const unhang = async () => {
  const { path, away } = swapped!
  await writeTo(path, Buffer.alloc(0))
  renameSync(away, path)
}

export const photoFolderFaults: Fault[] = [
  {
    sink: 'photos in files',
    name: 'stopped',
    how: 'the folder is gone, as one that is not mounted',
    expected: 'some',
    begin: ({ dataDir }) => renameSync(join(dataDir, 'photos'), join(dataDir, 'photos.away')),
    end: ({ dataDir }) => renameSync(join(dataDir, 'photos.away'), join(dataDir, 'photos')),
  },
  {
    sink: 'photos in files',
    name: 'black-holed',
    how: 'opening the photo never ends (a pipe in its place)',
    expected: 'some',
    begin: (world, { photo }) => hang(world, `${photo}.original`),
    end: unhang,
  },
  {
    sink: 'photos in files',
    name: 'slow',
    how: 'the thumbnail’s bytes come up to 500 ms late (a pipe in its place)',
    expected: 'some',
    begin: async (world, { photo }) => {
      hang(world, `${photo}.thumbnail`)
      const content = await readFile(swapped!.away)
      turns = setInterval(() => void writeTo(swapped!.path, content), 500)
    },
    end: async () => {
      clearInterval(turns)
      await unhang()
    },
  },
  {
    sink: 'photos in files',
    name: 'full',
    how: 'the kernel refuses large files (RLIMIT_FSIZE), the log goes on',
    expected: 'all but a photo that comes in',
    begin: ({ dataDir, gateway }) =>
      limitFiles([gateway.pid!], statSync(join(dataDir, 'log', 'log.mdb')).size + 1024 * 1024),
    end: ({ gateway }) => limitFiles([gateway.pid!], 'unlimited'),
  },
]
