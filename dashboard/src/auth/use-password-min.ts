import { createSharedComposable } from '@vueuse/core'
import { shallowRef } from 'vue'
import { call } from '../api/client.js'

/** How many characters a new password needs here; what every installation asks for until the answer is there. */
export const usePasswordMin = createSharedComposable(() => {
  const min = shallowRef(12)
  void call('setupState')
    .then(({ password_min }) => (min.value = password_min))
    .catch(() => undefined) // the server says so again when the password is set
  return min
})
