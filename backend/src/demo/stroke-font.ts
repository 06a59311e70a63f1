/**
 * Letters as single strokes, drawn by us: a bare machine has no fonts, and a drawing must look the same everywhere.
 * Latin glyphs stand in a box of 6 × 10, Chinese ones in 10 × 10; y grows downwards.
 */
const latin: Record<string, string> = {
  A: 'M0 10L3 0L6 10M1.1 6.6H4.9',
  B: 'M0 4.8H3.4Q5.6 4.6 5.6 2.4Q5.6 0 3.3 0H0V10H3.5Q6 10 6 7.3Q6 5 3.4 4.8',
  C: 'M6 1.8Q5 0 3.2 0Q0 0 0 5Q0 10 3.2 10Q5 10 6 8.2',
  D: 'M0 0V10H2.6Q6 10 6 5Q6 0 2.6 0Z',
  E: 'M6 0H0V10H6M0 4.8H4.8',
  F: 'M6 0H0V10M0 4.8H4.8',
  G: 'M6 1.8Q5 0 3.2 0Q0 0 0 5Q0 10 3.2 10Q6 10 6 7.2V5.4H3.6',
  H: 'M0 0V10M6 0V10M0 4.8H6',
  I: 'M3 0V10M1.5 0H4.5M1.5 10H4.5',
  J: 'M5 0V7.5Q5 10 2.6 10Q.4 10 .2 7.8',
  K: 'M0 0V10M6 0L0 6M2 4.2L6 10',
  L: 'M0 0V10H5.6',
  M: 'M0 10V0L3 6L6 0V10',
  N: 'M0 10V0L6 10V0',
  O: 'M3 0Q0 0 0 5Q0 10 3 10Q6 10 6 5Q6 0 3 0Z',
  P: 'M0 10V0H3.4Q6 0 6 2.7Q6 5.4 3.4 5.4H0',
  Q: 'M3 0Q0 0 0 5Q0 10 3 10Q6 10 6 5Q6 0 3 0ZM3.8 7L6.2 10.4',
  R: 'M0 10V0H3.4Q6 0 6 2.7Q6 5.4 3.4 5.4H0M3.2 5.4L6 10',
  S: 'M5.7 1.7Q4.9 0 3 0Q.4 0 .4 2.5Q.4 4.3 3 4.9Q5.8 5.5 5.8 7.5Q5.8 10 3 10Q.8 10 .2 8.2',
  T: 'M0 0H6M3 0V10',
  U: 'M0 0V6.8Q0 10 3 10Q6 10 6 6.8V0',
  V: 'M0 0L3 10L6 0',
  W: 'M0 0L1.4 10L3 3L4.6 10L6 0',
  X: 'M0 0L6 10M6 0L0 10',
  Y: 'M0 0L3 5L6 0M3 5V10',
  Z: 'M0 0H6L0 10H6',
  0: 'M3 0Q.4 0 .4 5Q.4 10 3 10Q5.6 10 5.6 5Q5.6 0 3 0Z',
  1: 'M1 2L3.2 0V10M1.2 10H5.2',
  2: 'M.5 2.4Q.7 0 3 0Q5.5 0 5.5 2.6Q5.5 4.4 3.6 6L.3 10H5.8',
  3: 'M.5 1.6Q1.2 0 3 0Q5.4 0 5.4 2.4Q5.4 4.7 2.4 4.8Q5.7 4.8 5.7 7.3Q5.7 10 2.9 10Q.9 10 .3 8.2',
  4: 'M4.4 10V0L.2 7H6',
  5: 'M5.4 0H1.2L.8 4.5Q1.8 3.7 3.1 3.7Q5.7 3.8 5.7 6.7Q5.7 10 2.9 10Q1 10 .3 8.4',
  6: 'M5.2 1.2Q4.3 0 3.2 0Q.4 .2 .4 6Q.5 10 3.1 10Q5.7 10 5.7 6.9Q5.7 4 3.2 4Q.8 4 .4 6.6',
  7: 'M.3 0H5.7L2.4 10',
  8: 'M3 4.7Q.7 4.6 .7 2.4Q.7 0 3 0Q5.3 0 5.3 2.4Q5.3 4.6 3 4.7Q.3 4.9 .3 7.3Q.3 10 3 10Q5.7 10 5.7 7.3Q5.7 4.9 3 4.7Z',
  9: 'M.8 8.8Q1.7 10 2.8 10Q5.6 9.8 5.6 4Q5.5 0 2.9 0Q.3 0 .3 3.1Q.3 6 2.8 6Q5.2 6 5.6 3.4',
  '-': 'M1 5.2H5',
  '.': 'M2.9 9.7L3.1 10',
}

const chinese: Record<string, string> = {
  样:
    'M.4 3H4M2.2 .4V9.8M2.2 3.2Q1.6 5.4 .3 6.8M2.4 3.8L3.8 5.4M5.2 .6L6.2 2M8.8 .4L7.8 2M4.8 2.4H9.4M5.2 4.6H9' +
    'M4.4 6.9H9.8M7.1 2.4V9.9',
  本: 'M1 3H9M5 .4V9.8M5 3Q3.6 6 .8 7.8M5 3Q6.4 6 9.2 7.8M3 7.6H7',
  身: 'M5.2 .2L4.2 1.6M2.6 6.6V1.8H7.4V8.8Q7.4 9.8 6 9.3M2.6 3.4H7.4M2.6 5H7.4M1 6.8H8M9.2 4.4Q6.5 8 1 9.8',
  份: 'M2.6 .4Q2 2.6 .4 4.6M1.8 3V9.8M5.4 .8Q5 3 3.4 4.6M7 .6Q7.6 3 9.6 4.4M4.2 5.2H8.4Q8.4 8 7.8 9.2Q7.4 9.8 6.4 9.2M6 5.2Q5.8 8 3.4 9.8',
  证: 'M1.2 .8L2.2 2M.4 3.6H2V8.6L3.4 7.4M4.2 1.2H9.4M6.9 1.2V9.2M7 5H9.2M5 4.6V9.2M3.8 9.3H9.8',
}

export interface Lettering {
  x: number
  /** top of the capitals */
  y: number
  /** height of the capitals */
  size: number
  color: string
  /** thickness of the stroke in tenths of the height */
  weight?: number
}

/** SVG of one line of text. Characters without a glyph leave a gap. */
export function lettering(text: string, { x, y, size, color, weight = 1.1 }: Lettering): string {
  let at = 0
  const glyphs = [...text.toUpperCase()].map((character) => {
    const glyph = latin[character] ?? chinese[character]
    const drawn = glyph ? `<path d="${glyph}" transform="translate(${at})"/>` : ''
    at += character in chinese ? 12 : 8.4
    return drawn
  })
  return (
    `<g transform="translate(${x} ${y}) scale(${size / 10})" fill="none" stroke="${color}" stroke-width="${weight}" ` +
    `stroke-linecap="round" stroke-linejoin="round">${glyphs.join('')}</g>`
  )
}
