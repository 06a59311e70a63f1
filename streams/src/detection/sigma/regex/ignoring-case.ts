import { type CharSet, holds, union } from './char-set.js'

/** The last letters that have a case stand before this one. */
const END = 0x1f000

/** Letters that may be one letter in its cases, by what they become in capitals and small. */
const families = (): string[][] => {
  const familyOf = new Map<string, Set<string>>()
  for (let code = 0x41; code < END; code++) {
    const char = String.fromCodePoint(code)
    for (const other of [char.toLowerCase(), char.toUpperCase()]) {
      if (other === char || [...other].length > 1) continue
      const all = new Set([char, other, ...(familyOf.get(char) ?? []), ...(familyOf.get(other) ?? [])])
      for (const member of all) familyOf.set(member, all)
    }
  }
  return [...new Set(familyOf.values())].map((family) => [...family])
}

let cases: ReadonlyMap<number, CharSet> | undefined

/** Each letter that has a case, with all that are the same where case is ignored: the built-in matcher says which. */
const casesOf = (): ReadonlyMap<number, CharSet> =>
  (cases ??= new Map(
    families().flatMap((family) =>
      family.map((char) => {
        const same = new RegExp(char, 'iu')
        const set = union(
          ...family.filter((other) => same.test(other)).map((other): CharSet => [[code(other), code(other)]]),
        )
        return [code(char), set] as const
      }),
    ),
  ))

const code = (char: string): number => char.codePointAt(0)!

/** The set with all cases of its letters. */
export const ignoringCase = (set: CharSet): CharSet => {
  const [only] = set
  if (set.length === 1 && only![0] === only![1]) return casesOf().get(only![0]) ?? set
  return union(set, ...[...casesOf()].flatMap(([letter, same]) => (holds(set, letter) ? [same] : [])))
}
