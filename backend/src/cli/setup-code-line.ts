/** Printed by the supervisor, or by a gateway that has none; the runbook says what to look for. */
export const setupCodeLine = (code: string): string => `Setup code (for the first administrator, once): ${code}`
