import type { DetectionRule } from '../sigma/rule.js'
import type { TreeState } from './tree-state.js'

/** The rules that count an event, each with the rules below it that the event matches. */
export type Plan = readonly { state: TreeState; bases: readonly DetectionRule[] }[]

/** What is to be done about an event that matches `found`, in the order of the rules. */
export const planOf = (states: readonly TreeState[], found: readonly DetectionRule[]): Plan =>
  states
    .map((state) => ({ state, bases: state.tree.bases.filter((base) => found.includes(base)) }))
    .filter(({ bases }) => bases.length)
