import { PLACEHOLDERS } from '@custodia/contracts'

/** What a file of this rule is called, and which rule a file is. */
export const fileOf = (name: string): string => `${name}.yml`
export const nameOf = (file: string): string => file.replace(/\.yml$/, '')

/** What placeholders stand for goes into force before the rules that use it. */
export const listsFirst = <T extends { name: string }>(files: readonly T[]): T[] =>
  files.toSorted((a, b) => Number(b.name === PLACEHOLDERS) - Number(a.name === PLACEHOLDERS))
