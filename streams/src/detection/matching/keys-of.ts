/** The top-level keys that a field may be read from: `a.b.c` is a key, or `c` below `a.b`, or `b.c` below `a`. */
export const keysOf = (field: string): string[] => {
  const keys = [field]
  for (let dot = field.lastIndexOf('.'); dot > 0; dot = field.lastIndexOf('.', dot - 1)) keys.push(field.slice(0, dot))
  return keys
}
