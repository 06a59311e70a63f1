import { useIntervalFn } from '@vueuse/core'
import { computed, shallowRef } from 'vue'
import { call } from '../api/client.js'
import { useAction } from '../api/use-action.js'
import type { Field, PurposeId } from './consent.js'
import { useOutOfSight } from './use-out-of-sight.js'
import { usePurpose } from './use-purpose.js'

const shownFor = 60

/** Personal fields in the clear: for a purpose, for a minute, and only while the window has the focus. */
export const useReveal = (customer: string, approvalFor: (fields: readonly Field[]) => string | undefined) => {
  const purpose = usePurpose()
  const values = shallowRef<Partial<Record<Field, string>>>({})
  const left = shallowRef(0)
  const stated = shallowRef<PurposeId>()
  let until = 0

  const hide = () => {
    ticking.pause()
    values.value = {}
    left.value = 0
  }
  const ticking = useIntervalFn(
    () => {
      left.value = Math.max(0, Math.ceil((until - performance.now()) / 1000))
      if (left.value === 0) hide()
    },
    250,
    { immediate: false },
  )
  useOutOfSight(hide)

  const action = useAction(async (fields: Field[], again = false) => {
    const given = await (again ? purpose.askAgain(customer) : purpose.ask(customer))
    if (!given) return
    stated.value = given as PurposeId
    const plain = await call('customerReveal', {
      params: { id: customer },
      body: { fields, purpose: given, approval_id: approvalFor(fields) },
    })
    if (!document.hasFocus()) return // the window was left while the answer was on its way
    values.value = { ...values.value, ...plain }
    until = performance.now() + shownFor * 1000
    left.value = shownFor
    ticking.resume()
  })
  return { values, left, hide, stated, shown: computed(() => left.value > 0), ...action }
}
