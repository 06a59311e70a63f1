import { Automaton } from './automaton.js'
import { holds } from './char-set.js'
import type { Node } from './parse.js'
import { patternError } from './pattern-error.js'

/** A set of positions that the automaton may be in, with the steps already worked out. */
interface State {
  positions: readonly number[]
  accepts: boolean
  next: Map<number, State>
}

const maxStates = 2000

const hasAssertion = (node: Node): boolean => {
  if (node.kind === 'sequence' || node.kind === 'choice') return node.items.some(hasAssertion)
  if (node.kind === 'group' || node.kind === 'repeat') return hasAssertion(node.body)
  return node.kind === 'assertion'
}

/**
 * A search that looks at each character once, whatever the pattern: slower than the built-in matcher on easy patterns,
 * and safe on those that would keep it busy for ever. Knows `^` and `$` at the two ends of the pattern only.
 */
export const linearSearch = (node: Node, flags: string): ((text: string) => boolean) => {
  const items = node.kind === 'sequence' ? node.items : [node]
  const isEnd = (item: Node | undefined, sign: string) =>
    item?.kind === 'assertion' && item.js.startsWith(sign) && !item.body
  const fromStart = isEnd(items[0], '^')
  const toEnd = items.length > (fromStart ? 1 : 0) && isEnd(items.at(-1), '(?=')
  const inner: Node = { kind: 'sequence', items: items.slice(fromStart ? 1 : 0, toEnd ? -1 : undefined) }
  if (hasAssertion(inner) || (fromStart && flags.includes('m')))
    throw patternError(
      'nested repetition that a crafted text could keep busy for ever',
      '嵌套重复，精心构造的文本可使其无休止地运行',
    )
  const { follow, sets, whole } = new Automaton(inner, true)
  const last = new Set(whole.last)
  const start: State = { positions: [], accepts: whole.empty, next: new Map() }
  let states = new Map<string, State>()

  const step = (state: State, code: number): State => {
    const before = state.next.get(code)
    if (before) return before
    const begins = !fromStart || state === start ? whole.first : []
    const candidates = new Set([...begins, ...state.positions.flatMap((position) => [...follow[position]!])])
    const positions = [...candidates].filter((position) => holds(sets[position]!, code)).sort((a, b) => a - b)
    const key = positions.join()
    if (states.size > maxStates) {
      states = new Map()
      start.next.clear()
    }
    const accepts = positions.some((position) => last.has(position)) || (whole.empty && !fromStart)
    const known = states.get(key) ?? { positions, accepts, next: new Map() }
    states.set(key, known)
    state.next.set(code, known)
    return known
  }

  return (text) => {
    let state = start
    const end = toEnd && text.endsWith('\n') ? text.length - 1 : -1
    for (let at = 0; at < text.length; at++) {
      if (state.accepts && (!toEnd || at === end)) return true
      const code = text.codePointAt(at)!
      if (code > 0xffff) at++
      state = step(state, code)
    }
    return state.accepts
  }
}
