import { createGlobalState } from '@vueuse/core'
import { ref, watch } from 'vue'
import { useSession } from '../session/use-session.js'
import { everyone } from './customer-search.js'

/** What was looked for last, so that coming back from a customer finds the list as it was; the next person finds it empty. */
export const useCustomerSearch = createGlobalState(() => {
  const { me } = useSession()
  const search = ref(everyone())
  watch(
    () => me.value?.id,
    () => (search.value = everyone()),
  )
  return search
})
