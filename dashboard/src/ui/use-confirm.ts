import { createGlobalState } from '@vueuse/core'
import { shallowRef } from 'vue'

export interface Question {
  title: string
  text: string
  /** what the button says that does it; the title where nothing else is said */
  submit?: string
}

const useQuestion = createGlobalState(() => {
  const question = shallowRef<Question>()
  let settle: (yes: boolean) => void = () => undefined
  const answer = (yes: boolean) => {
    question.value = undefined
    settle(yes)
  }
  const ask = (next: Question): Promise<boolean> => {
    answer(false) // two at once: the later one asks
    question.value = next
    return new Promise((resolve) => (settle = resolve))
  }
  return { question, answer, ask }
})

/** Asks before something is done that is not undone: `if (await confirm({ title, text })) …`. */
export const useConfirm = () => useQuestion().ask
/** The question that waits, for the one dialog that shows it. */
export const useConfirmQuestion = useQuestion
