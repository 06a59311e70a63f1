import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import type { RouteName } from '@custodia/contracts'
import { overHttp } from '../over-http.js'
import {
  clickhouseFaults,
  detectionFaults,
  embeddedLogFaults,
  kafkaFaults,
  photoFolderFaults,
  postgresFaults,
  s3Faults,
  type Expected,
  type Fault,
} from './faults.js'
import { auditRoutes, ProtectedRoutes } from './reads.js'
import { rowOf, writeTable } from './table.js'
import { broken, isServed, observe, type Observed } from './watch.js'
import { startFaultWorld, type FaultWorld } from './world.js'

const houses = {
  'a single machine': [
    ...embeddedLogFaults,
    ...detectionFaults,
    ...postgresFaults,
    ...clickhouseFaults,
    ...photoFolderFaults,
  ],
  'Kafka and S3': [...kafkaFaults, ...s3Faults],
}

/** What a fault refuses for certain; undefined: whatever comes. */
const refusedBy: Record<Expected, readonly RouteName[] | undefined> = {
  all: [],
  'all but what is asked of ClickHouse': auditRoutes,
  'all but a photo that comes in': ['photoUpload'],
  none: undefined,
  some: undefined,
}

/** Whether as much was served as must be, and no more than may be. */
function served({ seen }: Observed, { expected, name }: Fault): boolean {
  if (expected === 'some') return true
  if (expected === 'none') return !seen.some(isServed)
  const refusable = refusedBy[expected] ?? []
  const others = seen.filter(({ route }) => !refusable.includes(route))
  // A fault that nobody noticed proves nothing; being slow, or full for one who only asks, may go unnoticed.
  const noticed = name === 'slow' || refusable === auditRoutes || seen.some((each) => !isServed(each))
  return others.every(isServed) && (expected === 'all' || noticed)
}

describe.each(Object.entries(houses))('without an event there is no access: %s', (house, faults) => {
  let world: FaultWorld
  let routes: ProtectedRoutes
  const observed: Observed[] = []
  beforeAll(async () => {
    world = await startFaultWorld({ servers: house === 'Kafka and S3' })
    routes = await ProtectedRoutes.prepare(world)
  })
  afterAll(async () => {
    if (observed.length === faults.length) writeTable(house, observed)
    await world?.stop()
  })

  it.each(faults.map((fault) => [fault.sink, fault.name, fault] as const))('%s, %s', async (_, __, fault) => {
    const result = await observe(fault, world, { routes, carrier: overHttp(world.port) })
    process.stdout.write(`${rowOf(result)}\n`)
    expect(broken(result, routes, await world.logged())).toEqual([])
    expect(served(result, fault)).toBe(true)
    const closed = result.pages.filter(({ url, status }) => status !== 200 && !(url === '/readyz' && status === 503))
    expect(closed).toEqual([])
    expect(result.ended).toBeUndefined() // no fault of a server ends the gateway
    observed.push(result)
  })

  it('every photo that is there was written down', async () => {
    const uploads = (await world.logged()).filter(
      ({ action, outcome }) => action === 'photo_upload' && outcome === 'granted',
    )
    const written = new Set(uploads.map(({ record_id }) => record_id))
    expect((await routes.photos()).filter((photo) => !written.has(photo))).toEqual([])
  })
})
