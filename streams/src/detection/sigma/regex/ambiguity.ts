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

/** Numbers for the loops of an automaton: states that can be got to from each other have the same (Tarjan's). */
const loopsOf = (follow: readonly ReadonlySet<number>[]): number[] => {
  const order: number[] = []
  const low: number[] = []
  const loop: number[] = []
  const open: number[] = []
  let found = 0
  follow.forEach((_, start) => {
    if (order[start] !== undefined) return
    const path: { state: number; rest: Iterator<number> }[] = []
    const enter = (state: number) => {
      order[state] = low[state] = found++
      open.push(state)
      path.push({ state, rest: follow[state]!.values() })
    }
    for (enter(start); path.length;) {
      const { state, rest } = path.at(-1)!
      const next = rest.next()
      if (!next.done) {
        const to = next.value
        if (order[to] === undefined) enter(to)
        else if (loop[to] === undefined) low[state] = Math.min(low[state]!, order[to])
        continue
      }
      path.pop()
      const before = path.at(-1)
      if (before) low[before.state] = Math.min(low[before.state]!, low[state]!)
      if (low[state] !== order[state]) continue
      for (let member = -1; member !== state;) loop[(member = open.pop()!)] = state
    }
  })
  return loop
}

/** Pairs of states that are found, and looked at, before a pattern counts as too tangled to tell. */
const patience = 20_000
const diligence = 5_000_000

/**
 * Whether some text can be read in exponentially many ways: then a backtracking matcher can be made to run for ever. That
 * is so when a state comes back to itself over two different paths that read the same characters.
 */
export const isExponential = (node: Node): boolean => {
  const { doubled, follow, sets } = new Automaton(node, false)
  const count = sets.length
  const loop = loopsOf(follow)
  if (doubled.some(([from, to]) => loop[from] === loop[to])) return true
  const inLoop = follow.map((next, state) => [...next].filter((to) => loop[to] === loop[state]))
  let looked = 0
  // one state of a loop stands for the whole loop: every other one has a way to it and back
  for (const state of new Set(loop)) {
    const from = new Map<number, Set<number>>()
    const steps = (pair: number): number[] => {
      const pairs: number[] = []
      if (from.size > patience || looked > diligence) return pairs
      const [left, right] = [inLoop[Math.floor(pair / count)]!, inLoop[pair % count]!]
      looked += left.length * right.length
      for (const a of left) for (const b of right) if (overlap(sets[a]!, sets[b]!)) pairs.push(a * count + b)
      for (const to of pairs) from.set(to, (from.get(to) ?? new Set()).add(pair))
      return pairs
    }
    const same = state * count + state
    const apart = reach(same, steps)
    if (from.size > patience || looked > diligence) return true
    const returning = reach(same, (pair) => from.get(pair) ?? [])
    for (const pair of returning) if (Math.floor(pair / count) !== pair % count && apart.has(pair)) return true
  }
  return false
}
