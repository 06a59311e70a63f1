import { median, spread } from './figures.mjs'

/** Runs both sides in turns, after one round that warms up and does not count. Resolves with every round's figures, by side. */
export async function inTurns(rounds, sides) {
  const results = Object.fromEntries(Object.keys(sides).map((name) => [name, []]))
  for (let round = 0; round <= rounds; round++)
    for (const [name, run] of Object.entries(sides)) {
      const result = await run(round)
      if (round > 0) results[name].push(result)
    }
  return results
}

export const medianOf = (results, figure) => median(results.map((result) => result[figure]))

export const rangeOf = (results, figure) => {
  const [low, high] = spread(results.map((result) => result[figure]))
  return `${low.toFixed(low < 10 ? 1 : 0)}–${high.toFixed(high < 10 ? 1 : 0)}`
}
