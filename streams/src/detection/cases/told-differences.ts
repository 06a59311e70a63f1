import { isDeepStrictEqual } from 'node:util'
import { inOneSentence, type Said } from '../sigma/said.js'
import type { RuleCase } from './rule-cases.js'

type Expected = RuleCase['alerts'][number]
type Raised = Omit<Expected, 'at'> & { at: number | undefined }

/** Of a rule that fires all the time the beginning is enough. */
const MOST_SHOWN = 5

/** Alerts that a case expects and that did not come, each beside one that came in its place; those that agree are not told. */
export const alertsThatDiffer = (expected: readonly Expected[], raised: readonly Raised[]): Said[] => {
  const came = [...raised]
  const missing = expected.filter((one) => {
    const found = came.findIndex((each) => fits(one, each))
    if (found >= 0) came.splice(found, 1)
    return found < 0
  })
  const told = Array.from({ length: Math.max(missing.length, came.length) }, (_, i) => oneAlert(missing[i], came[i]))
  const order = { en: 'the alerts came in another order', zh: '警报的次序与预期不同' }
  return told.length ? beginningOf(told) : [order]
}

export const refusalsThatDiffer = (expected: readonly number[], refused: readonly (number | undefined)[]): Said[] => {
  const told = [
    ...expected
      .filter((at) => !refused.includes(at))
      .map((at) => ({ en: `event ${at} was to be refused, and was not`, zh: `事件 ${at} 应被拒绝，但未被拒绝` })),
    ...refused
      .filter((at) => at === undefined || !expected.includes(at))
      .map((at) => ({ en: `event ${at} was refused, and was not to be`, zh: `事件 ${at} 不应被拒绝，但被拒绝` })),
  ]
  const order = { en: 'the refusals came in another order', zh: '拒绝的次序与预期不同' }
  return told.length ? beginningOf(told) : [order]
}

const fits = ({ at, value, group }: Expected, came: Raised): boolean =>
  at === came.at && value === came.value && (group === undefined || isDeepStrictEqual(group, came.group))

const oneAlert = (missing: Expected | undefined, came: Raised | undefined): Said => {
  const wanted = missing && placeOf(missing)
  // a group that the case does not name is nothing that differs
  const is = came && placeOf(missing && !missing.group ? { ...came, group: undefined } : came)
  if (!wanted) return { en: `no alert was expected ${is?.en}, and one came`, zh: `${is?.zh}不应有警报，但出现了` }
  if (!is) return { en: `expected an alert ${wanted.en}, and none came`, zh: `${wanted.zh}应有警报，但没有出现` }
  return { en: `expected an alert ${wanted.en}; it came ${is.en}`, zh: `${wanted.zh}应有警报，实际出现在${is.zh}` }
}

const placeOf = ({ at, value, group = {} }: Raised): Said => {
  const of = Object.entries(group).map(([field, text]) => `, ${field} ${text}`)
  return { en: `at event ${at} (value ${value}${of.join('')})`, zh: `事件 ${at}（值 ${value}${of.join('')}）` }
}

const beginningOf = (told: readonly Said[]): Said[] => {
  const more = told.length - MOST_SHOWN
  const rest = more > 0 ? [{ en: `and ${more} more`, zh: `另有 ${more} 处` }] : []
  return [inOneSentence([...told.slice(0, MOST_SHOWN), ...rest], { en: '; ', zh: '；' })]
}
