import { computed } from 'vue'
import { call } from '../api/client.js'
import { useCall } from '../api/use-call.js'

/** The reader's own emergency access whose review is overdue: until it is made, they get no other. */
export function useOwnOverdue() {
  const { data } = useCall((signal) => call('approvals', { query: { list: 'mine' }, signal }))
  return computed(() => data.value?.items.find(({ kind, overdue }) => kind === 'break_glass' && overdue))
}
