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
  const [landed, bare] = [medianOf(found, 'landed'), medianOf(found, 'bare')]
  printTable(
    'Landing: 60,000 events into chdb, events a second',
    ['', 'landing', 'from–to', 'bare insert', 'from–to', 'ratio'],
    [
      [
        `${medianOf(found, 'batches')} inserts`,
        landed,
        rangeOf(found, 'landed'),
        bare,
        rangeOf(found, 'bare'),
        (landed / bare).toFixed(2),
      ],
    ],
  )
  return [{ name: 'landing against a bare insert', value: landed / bare, unit: ' ×', aim: 0.8 }]
}
