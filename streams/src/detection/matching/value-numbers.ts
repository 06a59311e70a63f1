/** The values of one key by small numbers, 0 where it is missing: equal values mostly have one number. */
export interface ValueNumbers {
  /** of the event at hand */
  numberNow(): number
  /** value of each number */
  readonly values: readonly unknown[]
  /** Holds it too much? Then it forgets everything, and so must whoever remembers a number of it. */
  startAfreshIfFull(): boolean
}
