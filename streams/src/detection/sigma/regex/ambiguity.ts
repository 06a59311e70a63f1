import { RuleError } from '../rule-error.js'
import { type CharSet, overlap } from './char-set.js'
import type { Node } from './parse.js'

/** Part of an automaton without empty steps (Glushkov's): where it can begin and end, and whether it can be skipped. */
interface Part {
  first: number[]
  last: number[]
  empty: boolean
}

const maxPositions = 400
const maxUnrolled = 64

class Automaton {
  readonly sets: CharSet[] = []
  readonly follow: Set<number>[] = []
  /** steps that two repetitions make, an inner and an outer one, as in (a+)+ */
  readonly doubled: [from: number, to: number][] = []

  build(node: Node): Part {
    switch (node.kind) {
      case 'set':
        return this.position(node.set)
      case 'assertion':
        return { first: [], last: [], empty: true }
      case 'group':
        return this.build(node.body)
      case 'sequence':
        return node.items
          .map((item) => this.build(item))
          .reduce((a, b) => this.join(a, b), { first: [], last: [], empty: true })
      case 'choice':
        return node.items
          .map((item) => this.build(item))
          .reduce((a, b) => ({
            first: [...a.first, ...b.first],
            last: [...a.last, ...b.last],
            empty: a.empty || b.empty,
          }))
      case 'repeat':
        return this.repeat(node)
    }
  }

  private position(set: CharSet): Part {
    const index = this.sets.push(set) - 1
    if (index >= maxPositions) throw new RuleError('regular expression: too long')
    this.follow.push(new Set())
    return { first: [index], last: [index], empty: false }
  }

  private join(a: Part, b: Part): Part {
    for (const from of a.last)
      for (const to of b.first) {
        if (this.follow[from]!.has(to)) this.doubled.push([from, to])
        this.follow[from]!.add(to)
      }
    return {
      first: a.empty ? [...a.first, ...b.first] : a.first,
      last: b.empty ? [...a.last, ...b.last] : b.last,
      empty: a.empty && b.empty,
    }
  }

  /** Small counts are written out; large ones are taken for endless, which can only find too much. */
  private repeat({ body, min, max }: Node & { kind: 'repeat' }): Part {
    if (max === 0) return { first: [], last: [], empty: true }
    const start = this.sets.length
    let part = this.build(body)
    const size = this.sets.length - start
    if (max === 1) return { ...part, empty: part.empty || min === 0 }
    if (max * size > maxUnrolled) {
      this.join(part, part)
      return { ...part, empty: part.empty || min === 0 }
    }
    if (min === 0) part = { ...part, empty: true }
    for (let count = 1; count < max; count++) {
      const next = this.build(body)
      part = this.join(part, { ...next, empty: next.empty || count >= min })
    }
    return part
  }
}

/** Everything that can be got to from here in one step or more. */
const reach = (from: number, next: (state: number) => readonly number[]): Set<number> => {
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

/**
 * Whether some text can be read in exponentially many ways: then a backtracking matcher can be made to run for ever. That
 * is so when one state comes back to itself over two different paths that read the same characters.
 */
export const isExponential = (node: Node): boolean => {
  const automaton = new Automaton()
  automaton.build(node)
  const { doubled, follow, sets } = automaton
  if (doubled.some(([from, to]) => from === to || reach(to, (state) => [...follow[state]!]).has(from))) return true
  const count = sets.length
  const steps = (pair: number): number[] => {
    const pairs: number[] = []
    for (const a of follow[Math.floor(pair / count)]!)
      for (const b of follow[pair % count]!) if (overlap(sets[a]!, sets[b]!)) pairs.push(a * count + b)
    return pairs
  }
  const known = new Map<number, number[]>()
  const forward = (pair: number): number[] => {
    const found = known.get(pair) ?? steps(pair)
    known.set(pair, found)
    return found
  }
  for (let state = 0; state < count; state++) {
    const same = state * count + state
    const reached = reach(same, forward)
    if (!reached.has(same)) continue
    const back = new Map<number, number[]>()
    for (const pair of reached) for (const to of forward(pair)) back.set(to, [...(back.get(to) ?? []), pair])
    const returning = reach(same, (pair) => back.get(pair) ?? [])
    for (const pair of returning) if (Math.floor(pair / count) !== pair % count && reached.has(pair)) return true
  }
  return false
}
