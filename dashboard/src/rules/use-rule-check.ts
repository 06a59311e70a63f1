import type { RuleCheck } from '@custodia/contracts'
import { watchDebounced } from '@vueuse/core'
import { shallowRef, type Ref } from 'vue'
import { call } from '../api/client.js'
import { asProblem, type ApiProblem } from '../api/problem.js'

/** What is wrong with a text, and what it would change, soon after it was typed. */
export const useRuleCheck = (name: () => string, yaml: Ref<string>) => {
  const check = shallowRef<RuleCheck>()
  /** why it could not be looked at */
  const unchecked = shallowRef<ApiProblem>()
  let asked = 0
  watchDebounced(
    yaml,
    async (text) => {
      const mine = ++asked
      const told = text.trim()
        ? await call('ruleCheck', { body: { name: name() || 'new-rule', yaml: text } }).catch(asProblem)
        : undefined
      if (mine !== asked) return
      check.value = told && 'problems' in told ? told : undefined
      unchecked.value = told && 'problems' in told ? undefined : told
    },
    { debounce: 500, immediate: true },
  )
  return { check, unchecked }
}
