import { compileRules } from '../run/rule-set.js'
import type { Rule } from '../sigma/index.js'

/** The text of a rule that holds photo views: at most `limit` customers in ten minutes. */
export const photoRule = ({ limit = 3, keys = 'hold: true' }: { limit?: number; keys?: string } = {}): string => `
title: Photo views
name: photo-views
correlation:
  type: value_count
  rules: [photo-view]
  group-by: [actor]
  timespan: 10m
  condition: { field: customer_id, gt: ${limit} }
custodia:
  respond: [alert, freeze: 1h]
  ${keys}
---
title: Photo view
name: photo-view
logsource: { product: custodia }
detection: { selection: { action: photo_view, outcome: [granted, allowed] }, condition: selection }
`

/** Failures by address, judged under another key than the actor's. */
export const addressRule = `
title: Failures by address
name: failures-by-address
correlation: { type: event_count, rules: [failure], group-by: [ip], timespan: 5m, condition: { gte: 5 } }
---
title: Failure
name: failure
logsource: { product: custodia }
detection: { selection: { action: sign_in, outcome: failed }, condition: selection }
`

export const rulesOf = (...yamls: string[]): Rule[] => {
  const { rules, problems } = compileRules(yamls.map((yaml, i) => ({ file: `rule-${i}.yml`, yaml })))
  if (problems.length) throw new Error(JSON.stringify(problems))
  return rules
}
