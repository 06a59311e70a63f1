/**
 * For the system of a story: two go on at a time, each with a browser and five processes, so that a small machine's disk or
 * core may be away for seconds. What happens when a deadline passes is tried by the gateway's own tests.
 */
export const patience = {
  CUSTODIA_HOLD_TIMEOUT_MS: '20000',
  CUSTODIA_APPEND_TIMEOUT_MS: '20000',
  CUSTODIA_HEARING_TIMEOUT_MS: '20000',
} as const
