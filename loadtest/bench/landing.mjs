import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { printTable } from './figures.mjs'
import { medianOf, rangeOf } from './rounds.mjs'

/** 60,000 events from the log into the audit store, against the same bytes inserted by plain HTTP requests. */
export async function measureLanding({ base, brokers, rounds, worker }) {
  const dir = join(base, 'landing')
  mkdirSync(dir)
  const process = worker('./landing-worker.mjs', [dir, ...(brokers ? [JSON.stringify(brokers)] : [])])
  await process.hear()
  const found = []
  for (let round = 0; round <= Math.min(rounds, 4); round++) {
    const result = await process.ask({ round })
    if (round > 0) found.push(result)
  }
  await process.stop()
  const sides = { landing: found.map(({ landed }) => landed), 'bare insert': found.map(({ bare }) => bare) }
  const row = (name) => [
    name,
    medianOf(sides[name], 'perSecond'),
    rangeOf(sides[name], 'perSecond'),
    medianOf(sides[name], 'own'),
    medianOf(sides[name], 'server'),
  ]
  printTable(
    `Landing: 60,000 events into chdb in ${medianOf(found, 'batches')} inserts`,
    ['', 'events/s', 'from–to', 'CPU µs/event', 'CPU of chdb'],
    Object.keys(sides).map(row),
  )
  const ratio = medianOf(sides.landing, 'perSecond') / medianOf(sides['bare insert'], 'perSecond')
  return [{ name: 'landing against a bare insert', value: ratio, unit: ' ×', aim: 0.8 }]
}
