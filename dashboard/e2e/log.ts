import { join } from 'node:path'
import { AccessEvent, Verdict } from '@custodia/contracts'
import { readLog } from '@custodia/streams/integrity'

/** The log by the reader that trusts none of the system's own reading code. */
const read = async <T>(dataDir: string, topic: string, parse: (value: unknown) => T): Promise<T[]> => {
  const found: T[] = []
  for await (const { value } of readLog(join(dataDir, 'log'), topic)) found.push(parse(JSON.parse(value.toString())))
  return found
}

export const accessEventsIn = (dataDir: string) => read(dataDir, 'access-events', (value) => AccessEvent.parse(value))

/** Photo views that the log says were served: held, and allowed by the strictest verdict on each. */
export async function servedPhotoViews(dataDir: string, actor: string): Promise<AccessEvent[]> {
  const verdicts = await read(dataDir, 'verdicts', (value) => Verdict.parse(value))
  const not = new Set(verdicts.filter(({ verdict }) => verdict !== 'allowed').map(({ event_id }) => event_id))
  const allowed = new Set(verdicts.map(({ event_id }) => event_id).filter((id) => !not.has(id)))
  const views = (await accessEventsIn(dataDir)).filter(
    (event) => event.actor === actor && event.action === 'photo_view',
  )
  return views.filter((event) => event.outcome === 'held' && allowed.has(event.id))
}
