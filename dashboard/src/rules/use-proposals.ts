import type { KeptRule, RuleVersionState } from '@custodia/contracts'
import { computed, shallowRef } from 'vue'
import { call } from '../api/client.js'
import { asProblem, problemFrom, type ApiProblem } from '../api/problem.js'
import { useAction } from '../api/use-action.js'
import { useSession } from '../session/use-session.js'

/** A version that waits for somebody to put it into force. */
export type Proposal = KeptRule['open'][number] & { name: string }

export const keyOf = ({ name, number }: Pick<Proposal, 'name' | 'number'>): string => `${name}@${number}`

/** Many proposals at once, as a new release brings them: which are chosen, their backtests, and putting them into force. */
export const useProposals = (proposals: () => readonly Proposal[], changed: () => Promise<unknown>) => {
  const { me, may } = useSession()
  const mayDecide = ({ author }: Proposal): boolean => may('rule.approve') && author !== me.value?.id
  const decidable = computed(() => proposals().filter(mayDecide))
  const picked = shallowRef<ReadonlySet<string>>(new Set())
  const chosen = computed(() => decidable.value.filter((one) => picked.value.has(keyOf(one))))
  /** why one of them was not backtested, or not put into force */
  const refused = shallowRef<ReadonlyMap<string, ApiProblem>>(new Map())
  const refuse = (one: Pick<Proposal, 'name' | 'number'>, problem: ApiProblem) =>
    (refused.value = new Map(refused.value).set(keyOf(one), problem))
  const pick = (one: Proposal, on: boolean) => {
    const next = new Set(picked.value)
    if (on) next.add(keyOf(one))
    else next.delete(keyOf(one))
    picked.value = next
  }
  const pickAll = (on: boolean) => (picked.value = new Set(on ? decidable.value.map(keyOf) : []))

  const progress = shallowRef<{ done: number; of: number }>()
  let running = new AbortController()
  /** One after the other: a gateway runs one at a time. One that cannot be run holds no other up. */
  const backtest = useAction(async (days: number) => {
    const { signal } = (running = new AbortController())
    const all = chosen.value
    refused.value = new Map()
    try {
      for (const [done, one] of all.entries()) {
        if (signal.aborted) break
        progress.value = { done, of: all.length }
        const params = { id: one.name, number: one.number }
        await call('ruleTry', { params, body: { days }, signal }).catch((error: unknown) => {
          if (!signal.aborted) refuse(one, asProblem(error))
        })
      }
    } finally {
      progress.value = undefined
      await changed()
    }
  })

  /** what became of those that were approved; of a file's, `proposed`: a second person is to approve it, too */
  const told = shallowRef<{ live: number; proposed: number }>()
  const approve = useAction(async (reason: string) => {
    told.value = undefined
    refused.value = new Map()
    const versions = chosen.value.map(({ name, number }) => ({ name, number }))
    const { items } = await call('ruleApproveEach', { body: { versions, reason } })
    for (const { problem, ...one } of items) if (problem) refuse(one, problemFrom(409, JSON.stringify(problem)))
    const count = (which: RuleVersionState): number => items.filter(({ state }) => state === which).length
    told.value = { live: count('live'), proposed: count('proposed') }
    await changed()
  })
  return {
    mayDecide,
    decidable,
    chosen,
    refused,
    pick,
    pickAll,
    backtest,
    progress,
    told,
    approve,
    cancel: () => running.abort(),
  }
}
