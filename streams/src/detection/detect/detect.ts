import { type RuleSource, loadEveryRule } from './read-rules.js'
import { type Source, wholeLines } from './chunks.js'
import { InOrder } from './in-order.js'
import { type Found, Judge, type Sighting } from './judge.js'
import type { DetectOptions } from './options.js'
import { ReaderPool } from './scan/reader-pool.js'

/** Rules over NDJSON: what fires, in batches, in order of time. Memory is bounded by what the rules must remember. */
export async function* detect(rules: RuleSource, source: Source, options: DetectOptions): AsyncGenerator<Found[]> {
  const judge = new Judge(loadEveryRule(rules), options.firings)
  const pool = new ReaderPool(rules, judge, options)
  let found: Found[] = []
  const next = (sighting: Sighting): void => judge.judge(sighting, found)
  const ordered = judge.needsTime ? new InOrder(options.reorder, next) : { push: next, end: () => undefined }
  let line = 1
  try {
    for await (const { batch, decoder } of pool.readAll((block) => wholeLines(source, block))) {
      let problem: unknown
      try {
        decoder.decode(batch, line, (sighting) => ordered.push(sighting))
      } catch (error) {
        problem = error
      }
      if (found.length) yield found
      if (problem) throw problem
      line += batch.lines
      found = []
    }
    ordered.end()
    if (found.length) yield found
  } finally {
    await pool.close()
  }
}
