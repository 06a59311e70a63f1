import type { CharSet } from './char-set.js'
import type { Node } from './parse.js'
import { patternError } from './pattern-error.js'

/** Part of an automaton without empty steps (Glushkov's): where it can begin and end, and whether it can be skipped. */
export interface Part {
  first: number[]
  last: number[]
  empty: boolean
}

const nothing: Part = { first: [], last: [], empty: true }
const maxPositions = 2000
const maxSteps = 250_000

/** One position per character of the pattern, and which may follow which. */
export class Automaton {
  readonly sets: CharSet[] = []
  readonly follow: Set<number>[] = []
  /** steps that two repetitions make, an inner and an outer one, as in (a+)+ */
  readonly doubled: [from: number, to: number][] = []
  readonly whole: Part
  private steps = 0

  /** Not `exact`: long counts are taken for endless repetition, which keeps it small and can only find too much. */
  constructor(
    node: Node,
    private readonly exact: boolean,
  ) {
    this.whole = this.build(node)
  }

  private build(node: Node): Part {
    switch (node.kind) {
      case 'set':
        return this.position(node.set)
      case 'assertion':
        return nothing
      case 'group':
        return this.build(node.body)
      case 'sequence':
        return node.items.map((item) => this.build(item)).reduce((a, b) => this.join(a, b), nothing)
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
    if (index >= maxPositions) throw patternError('too long', '过长')
    this.follow.push(new Set())
    return { first: [index], last: [index], empty: false }
  }

  private join(a: Part, b: Part): Part {
    for (const from of a.last)
      for (const to of b.first) {
        if (this.follow[from]!.has(to)) this.doubled.push([from, to])
        this.follow[from]!.add(to)
        if (++this.steps > maxSteps) throw patternError('too long', '过长')
      }
    return {
      first: a.empty ? [...a.first, ...b.first] : a.first,
      last: b.empty ? [...a.last, ...b.last] : b.last,
      empty: a.empty && b.empty,
    }
  }

  private repeat({ body, min, max }: Node & { kind: 'repeat' }): Part {
    if (max === 0) return nothing
    const start = this.sets.length
    let part = this.build(body)
    const written = (max === Infinity ? min : max) * (this.sets.length - start)
    if (max === 1) return { ...part, empty: part.empty || min === 0 }
    if (max === Infinity && min < 2) return this.loop(part, min)
    if (!this.exact && (max === Infinity || written > (min === max ? 64 : 12))) return this.loop(part, min)
    if (min === 0) part = { ...part, empty: true }
    const count = max === Infinity ? min : max
    for (let done = 1; done < count; done++) {
      const next = this.build(body)
      const copy = max === Infinity && done === count - 1 ? this.loop(next, 1) : next
      part = this.join(part, { ...copy, empty: copy.empty || done >= min })
    }
    return part
  }

  private loop(part: Part, min: number): Part {
    this.join(part, part)
    return { ...part, empty: part.empty || min === 0 }
  }
}
