/**
 * A text as it is compared without case: each letter by itself, so that what is part of a text stays part of it. JavaScript
 * ends words in ς, where ΟΔΟΣ would not be found in ΟΔΟΣΑ; İ becomes an i and a dot.
 */
export const foldCase = (text: string): string => text.toLowerCase().replaceAll('ς', 'σ')
