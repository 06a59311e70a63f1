import type { Rule } from '../sigma/index.js'
import { wholeLines } from './chunks.js'
import { InOrder } from './in-order.js'
import { type Found, Judge, type Sighting } from './judge.js'
import { eventReader, type EventShape } from './read-events.js'

export interface DetectOptions extends Omit<EventShape, 'needsTime'> {
  firings: 'all' | 'alerts'
  /** how many newer events may come before one */
  reorder: number
}

/** Rules over a stream of NDJSON: what fires, in batches, in order of time. Memory is bounded by what the rules must remember. */
export async function* detect(
  rules: readonly Rule[],
  input: AsyncIterable<Buffer>,
  options: DetectOptions,
): AsyncGenerator<Found[]> {
  const judge = new Judge(rules, options.firings)
  const read = eventReader({ ...options, needsTime: judge.needsTime }, judge.bases)
  let found: Found[] = []
  const next = (sighting: Sighting): void => void found.push(...judge.judge(sighting))
  const ordered = judge.needsTime ? new InOrder(options.reorder, next) : { push: next, end: () => undefined }
  for await (const chunk of wholeLines(input)) {
    for (const sighting of read(chunk)) ordered.push(sighting)
    if (found.length) yield found
    found = []
  }
  ordered.end()
  if (found.length) yield found
}
