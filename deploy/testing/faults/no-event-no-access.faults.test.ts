import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
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

/** Whether as much was served as may be, and as must be. */
function served({ seen }: Observed, expected: Expected): boolean {
  if (expected === 'some') return true
  if (expected === 'none') return !seen.some(isServed)
  return seen.every((each) => isServed(each) || (expected !== 'all' && auditRoutes.includes(each.route)))
}

describe.each(Object.entries(houses))('without an event there is no access: %s', (house, faults) => {
  let world: FaultWorld
  let routes: ProtectedRoutes
  const observed: Observed[] = []
  beforeAll(async () => {
    world = await startFaultWorld({ servers: house === 'Kafka and S3' })
    routes = await ProtectedRoutes.prepare(await world.signedIn('staff'), await world.signedIn('auditor'))
  })
  afterAll(async () => {
    if (observed.length === faults.length) writeTable(house, observed)
    await world?.stop()
  })

  it.each(faults.map((fault) => [fault.sink, fault.name, fault] as const))('%s, %s', async (_, __, fault) => {
    const result = await observe(fault, world, { routes, carrier: overHttp(world.port) })
    process.stdout.write(`${rowOf(result)}\n`)
    expect(broken(result, routes, await world.logged())).toEqual([])
    expect(served(result, fault.expected)).toBe(true)
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
