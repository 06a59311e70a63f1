import type { Severity } from '@custodia/contracts'

export type Mark = Severity | 'frozen' | 'fine'

/** Never colour alone: each state has a shape of its own. */
export const severityShapes: Record<Mark, string> = {
  critical: '◆',
  high: '▲',
  medium: '●',
  low: '○',
  informational: '○',
  frozen: '❄\uFE0E',
  fine: '✓',
}

/** Worst first. */
export const severityOrder: readonly Severity[] = ['critical', 'high', 'medium', 'low', 'informational']
