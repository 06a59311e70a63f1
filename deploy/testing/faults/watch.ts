import type { AccessEvent } from '@custodia/contracts'
import type { Carrier } from '../../../backend/src/testing/client.js'
import type { Fault } from './faults.js'
import type { ProtectedRoutes, Seen } from './reads.js'
import type { FaultWorld } from './world.js'

/** What was seen of one fault, from its begin until everything was served again. */
export interface Observed {
  fault: Fault
  seen: Seen[]
  /** pages and health: address → status and ms */
  pages: { url: string; status: number; took: number }[]
  /** ms from the end of the fault until every route was served */
  back: number
  /** what the gateway printed, where its process ended: it must not */
  ended?: string
}

const rounds = 2
const pages = ['/', '/sign-in', '/healthz', '/readyz']
const pauseMs = 200
/** Service that has not come back by itself until then does not come back. */
const patienceMs = 90_000

/** Makes a fault, asks every protected route and the pages meanwhile, ends it, and waits until all is served again. */
export async function observe(
  fault: Fault,
  world: FaultWorld,
  { routes, carrier }: { routes: ProtectedRoutes; carrier: Carrier },
): Promise<Observed> {
  const seen: Seen[] = []
  const opened: Observed['pages'] = []
  const { gateway } = world
  const { lives } = gateway
  await fault.begin(world, { photo: routes.photo })
  try {
    for (let round = 0; round < rounds; round++) {
      const [answers, pagesOpened] = await Promise.all([
        routes.askAll(),
        Promise.all(pages.map((url) => openPage(carrier, url))),
      ])
      seen.push(...answers)
      opened.push(...pagesOpened)
    }
  } finally {
    await fault.end(world)
  }
  const ended = performance.now()
  for (;;) {
    const refused = (await routes.askAll()).filter((each) => !isServed(each))
    if (refused.length === 0) break
    if (performance.now() - ended > patienceMs) throw new Error(notBack(refused, world))
    await new Promise((resolve) => setTimeout(resolve, pauseMs))
  }
  return {
    fault,
    seen,
    pages: opened,
    back: performance.now() - ended,
    ended: gateway.lives === lives ? undefined : gateway.output(),
  }
}

export const isServed = ({ answer }: Seen): boolean => answer?.status === 200

const notBack = (refused: readonly Seen[], { gateway, streams }: FaultWorld): string =>
  [
    'The fault is over and not everything is served again:',
    ...refused.map(({ route, answer }) => `${route}: ${answer?.status} ${answer?.body.code}`),
    ...[gateway, streams].map((part) => `${part.name} printed: ${part.output().slice(-1500)}`),
  ].join('\n')

async function openPage(carrier: Carrier, url: string) {
  const began = performance.now()
  const headers = { host: 'localhost:8080', accept: 'text/html' }
  const { statusCode, rawPayload } = await carrier.inject({ method: 'GET', url, headers })
  // Where the dashboard was not built its one page says so, and is there all the same.
  const status = rawPayload.includes('not built') ? 200 : statusCode
  return { url, status, took: performance.now() - began }
}

/** What must be true of every answer, whatever the fault: sentences for what is not. */
export function broken(observed: Observed, routes: ProtectedRoutes, logged: readonly AccessEvent[]): string[] {
  const events = new Map(logged.map((event) => [event.id, event]))
  return observed.seen.flatMap((seen) => {
    const { route, answer } = seen
    if (!answer) return [`${route}: the connection ended without an answer`]
    const { status, eventId, headers, body } = answer
    const event = events.get(eventId ?? '')
    if (isServed(seen)) {
      const durable = event?.outcome === 'granted' || event?.outcome === 'held'
      return durable ? [] : [`${route} was served without its event in the log`]
    }
    const said = `${route}: ${status} ${body.code}`
    return [
      ...(routes.leaks(seen) ? [`${said} shows something protected`] : []),
      ...(status === 503 ? [] : [`${said} is not 503`]),
      ...(headers['retry-after'] === undefined ? [`${said} does not say when to come back`] : []),
    ]
  })
}
