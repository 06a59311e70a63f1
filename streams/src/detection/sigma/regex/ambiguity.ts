import { Automaton } from './automaton.js'
import { overlap } from './char-set.js'
import type { Node } from './parse.js'

/** Everything that can be got to from here in one step or more. */
const reach = (from: number, next: (state: number) => Iterable<number>): Set<number> => {
  const seen = new Set<number>()
  const open = [from]
  for (let state = open.pop(); state !== undefined; state = open.pop())
    for (const to of next(state))
      if (!seen.has(to)) {
        seen.add(to)
        open.push(to)
      }
  return seen
}

/** Pairs of states looked at before a pattern counts as too tangled to tell. */
const patience = 20_000

/**
 * Whether some text can be read in exponentially many ways: then a backtracking matcher can be made to run for ever. That
 * is so when a state comes back to itself over two different paths that read the same characters.
 */
export const isExponential = (node: Node): boolean => {
  const { doubled, follow, sets } = new Automaton(node, false)
  const count = sets.length
  const reached = sets.map((_, state) => reach(state, (from) => follow[from]!))
  if (doubled.some(([from, to]) => from === to || reached[to]!.has(from))) return true
  const done = new Set<number>()
  for (let state = 0; state < count; state++) {
    if (done.has(state) || !reached[state]!.has(state)) continue
    // One state of a loop stands for the whole loop: every other one has a way to it and back.
    const loop = new Set([...reached[state]!].filter((other) => reached[other]!.has(state)))
    for (const member of loop) done.add(member)
    const from = new Map<number, Set<number>>()
    const steps = (pair: number): number[] => {
      const pairs: number[] = []
      for (const a of follow[Math.floor(pair / count)]!)
        for (const b of follow[pair % count]!)
          if (loop.has(a) && loop.has(b) && overlap(sets[a]!, sets[b]!)) pairs.push(a * count + b)
      for (const to of pairs) from.set(to, (from.get(to) ?? new Set()).add(pair))
      if (from.size > patience) pairs.length = 0
      return pairs
    }
    const same = state * count + state
    const apart = reach(same, steps)
    if (from.size > patience) return true
    const returning = reach(same, (pair) => from.get(pair) ?? [])
    for (const pair of returning) if (Math.floor(pair / count) !== pair % count && apart.has(pair)) return true
  }
  return false
}
