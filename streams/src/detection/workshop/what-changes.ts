import type { RuleCheck, RuleFile, RuleProblem } from '@custodia/contracts'
import { compileRules } from '../run/rule-set.js'
import type { Rule } from '../sigma/index.js'
import { replayNotes } from '../sql/replay-notes.js'
import { mightSeeLess } from './sees-less.js'

/** The order that files have in a set. */
export const inOrder = (files: readonly RuleFile[]): RuleFile[] => [...files].sort((a, b) => (a.file < b.file ? -1 : 1))

export interface WhatChanges extends RuleCheck {
  /** rules that would be others than now, or new, and not switched off: what is to be backtested */
  judging: string[]
}

const does = (rule: Rule | undefined) => ({
  freezes: rule?.custodia.mode === 'live' && rule.custodia.respond.some((response) => response.do === 'freeze'),
  holds: rule?.custodia.mode === 'live' && rule.custodia.hold,
})

/** Compiled once for many texts that are tried against the same set. */
export type Compiled = ReturnType<typeof compileRules>

/**
 * What a text would change among the rules in force: other rules may count it, or be filtered by it. Problems are those of the
 * text, and those that it makes elsewhere.
 */
export const whatChanges = (inForce: readonly RuleFile[], was: Compiled, text: RuleFile): WhatChanges => {
  const is = compileRules(inOrder([text, ...inForce.filter(({ file }) => file !== text.file)]))
  const known = new Set(was.problems.map(keyOf))
  const [before, after] = [alerting(was.rules), alerting(is.rules)]
  const changed = [...new Set([...before.keys(), ...after.keys()])]
    .map((rule) => ({ rule, before: before.get(rule), after: after.get(rule) }))
    .filter((one) => one.before?.version !== one.after?.version)
  const [wasNamed, isNamed] = [named(was.rules), named(is.rules)]
  const changes = changed.map(({ rule, before, after }) => {
    const [then, now] = [does(before), does(after)]
    const change = !before ? ('new' as const) : !after ? ('gone' as const) : ('changed' as const)
    const responds = { freezes: Boolean(then.freezes || now.freezes), holds: Boolean(then.holds || now.holds) }
    return { rule, change, ...responds, sees_less: mightSeeLess(before, wasNamed, after, isNamed) }
  })
  return {
    notes: [
      ...is.notes,
      ...replayNotes(
        is.rules.filter(({ file }) => file === text.file),
        is.rules,
      ),
    ].filter(({ file }) => file === text.file),
    problems: is.problems.filter((problem) => problem.file === text.file || !known.has(keyOf(problem))),
    changes,
    two_persons: changes.some(({ sees_less }) => sees_less) || acts({ changes }),
    judging: changed.flatMap(({ rule, after }) => (after && after.custodia.mode !== 'off' ? [rule] : [])),
  }
}

/** Whether something freezes or holds by it, or did: that takes two persons, wherever the text comes from. */
export const acts = ({ changes }: Pick<RuleCheck, 'changes'>): boolean =>
  changes.some(({ freezes, holds }) => freezes || holds)

const named = (rules: readonly Rule[]): Map<string, Rule> => new Map(rules.map((rule) => [rule.name, rule]))

const alerting = (rules: readonly Rule[]): Map<string, Rule> => named(rules.filter(({ alerts }) => alerts))

const keyOf = ({ file, line, reason }: RuleProblem): string => JSON.stringify([file, line, reason])
