import { createGlobalState } from '@vueuse/core'
import { computed, shallowRef } from 'vue'
import { useText } from '../i18n/index.js'
import { useSession } from '../session/use-session.js'
import { purposeMemory } from './purpose-memory.js'

interface Question {
  customer: string
  answer: (purpose: string | undefined) => void
}

/** Lives as long as the tab, so that leaving a customer's page and coming back does not ask again. */
const useStated = createGlobalState(() => ({ memory: purposeMemory(), question: shallowRef<Question>() }))

/** The purpose of looking at a customer: asked once per customer and visit. `PurposePrompt` on the page shows the question. */
export const usePurpose = () => {
  const { memory, question } = useStated()
  const { me } = useSession()
  const { zh } = useText()
  const who = () => me.value?.id ?? ''

  const options = computed(() =>
    (me.value?.purposes ?? []).map((each) => ({ value: each.id, label: zh.value ? each.zh : each.en })),
  )
  const answer = (purpose: string | undefined) => {
    const asked = question.value
    question.value = undefined
    if (asked && purpose) memory.keep(who(), asked.customer, purpose)
    asked?.answer(purpose)
  }
  const askAgain = (customer: string): Promise<string | undefined> => {
    answer(undefined)
    return new Promise((resolve) => {
      question.value = { customer, answer: resolve }
    })
  }
  return {
    question,
    options,
    answer,
    /** The purpose stated before, or a question; undefined when it was closed without an answer. */
    ask: async (customer: string) => memory.recall(who(), customer) ?? askAgain(customer),
    /** Another purpose than before, or the one before was not taken. */
    askAgain,
    recall: (customer: string) => memory.recall(who(), customer),
    label: (purpose: string) => options.value.find(({ value }) => value === purpose)?.label ?? purpose,
  }
}
