import { type RuleSource, loadEveryRule } from './read-rules.js'
import { type Source, wholeLines } from './chunks.js'
import { DetectError } from './detect-error.js'
import { InOrder } from './in-order.js'
import { type Found, Judge } from './judge.js'
import type { DetectOptions } from './options.js'
import { ReaderPool } from './scan/reader-pool.js'
import { Sightings } from './sightings.js'

/** Rules over NDJSON: what fires, in batches, in order of time. Memory is bounded by what the rules must remember. */
export async function* detect(rules: RuleSource, source: Source, options: DetectOptions): AsyncGenerator<Found[]> {
  const sightings = new Sightings()
  const judge = new Judge(loadEveryRule(rules), options.firings, sightings)
  const pool = new ReaderPool(rules, judge, sightings.texts, options)
  let found: Found[] = []
  const next = (number: number): void => judge.judge(sightings.next(number), found)
  const lineOf = (number: number): number => sightings.line(number)
  const ordered = new InOrder(options.reorder, next, lineOf)
  const push = judge.needsTime ? (number: number) => ordered.push(number, sightings.time(number)) : next
  let line = 1
  try {
    for await (const { batch, numbers } of pool.readAll((block) => wholeLines(source, block))) {
      const problem = batch.problem && new DetectError(`line ${line + batch.problem.at}${batch.problem.says}`)
      const late = attempt(() => {
        const from = sightings.end
        sightings.add(batch, numbers.translate(batch), line)
        for (let number = from; number < sightings.end; number++) push(number)
      })
      if (found.length) yield found
      if (late ?? problem) throw late ?? problem
      judge.forget()
      line += batch.lines
      found = []
    }
    ordered.end()
    if (found.length) yield found
  } finally {
    await pool.close()
  }
}

/** what went wrong */
const attempt = (run: () => void): Error | undefined => {
  try {
    run()
    return undefined
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error))
  }
}
