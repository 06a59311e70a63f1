import type { Comparison } from './rule.js'

export const holds: Readonly<Record<Comparison, (value: number, than: number) => boolean>> = {
  gt: (value, than) => value > than,
  gte: (value, than) => value >= than,
  lt: (value, than) => value < than,
  lte: (value, than) => value <= than,
  eq: (value, than) => value === than,
  neq: (value, than) => value !== than,
}
