import type { DetectionRule } from '../sigma/rule.js'
import type { ValueKind } from '../windows/index.js'
import { fieldFor } from './counted-field.js'
import { operators } from './operators.js'
import type { RuleTree } from './tree.js'

/** What a match adds to its rule, where that is one value at most, of one field, for a group of one field. */
export interface OneValue {
  kind: ValueKind
  /** the field of the group */
  group: string
  /** the field of the value; absent: every match adds `same`, or nothing but itself */
  field?: string
  same?: string
}

/** Most rules are like that: one correlation over single events. Of an event with lists it may be more than one value all the same. */
export const oneValueOf = ({ root, nodes }: RuleTree, base: DetectionRule): OneValue | undefined => {
  if (root.kind !== 'correlation' || nodes.length > 1) return undefined
  const [name, second] = root.groupBy
  if (name === undefined || second !== undefined) return undefined
  const group = fieldFor(root, name, base.name)
  const { kind } = operators[root.type]
  if (kind === 'nothing') return { kind, group }
  if (root.type.startsWith('temporal')) return { kind, group, same: base.name }
  const [field, another] = root.field
  return field === undefined || another !== undefined
    ? undefined
    : { kind, group, field: fieldFor(root, field, base.name) }
}
