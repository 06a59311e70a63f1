import { computed } from 'vue'
import { call } from '../api/client.js'
import { useCall } from '../api/use-call.js'

/** The reader's own emergency access that waits for its review: until it is made, they get no other. */
export function useOwnUnreviewed() {
  const { data } = useCall((signal) => call('approvals', { query: { list: 'mine' }, signal }))
  return computed(() => data.value?.items.find(({ kind, reviewed_at }) => kind === 'break_glass' && !reviewed_at))
}
