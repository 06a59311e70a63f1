import { describe, expect, it } from '@jest/globals'
import { actionColors } from './action-colors.js'
import { palettes, type Palette } from './tokens.js'

const luminance = (hex: string): number => {
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => {
    const part = parseInt(hex.slice(at, at + 2), 16) / 255
    return part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * r + 0.7152 * g + 0.0722 * b
}
const contrast = (a: string, b: string): number => {
  const [high = 0, low = 0] = [luminance(a), luminance(b)].sort((x, y) => y - x)
  return (high + 0.05) / (low + 0.05)
}

const texts: (keyof Palette)[] = [
  'text',
  'text-2',
  'text-3',
  'accent-text',
  'critical-text',
  'high-text',
  'medium-text',
  'low-text',
  'frozen-text',
  'fine-text',
  'danger',
]

describe.each(['light', 'dark'] as const)('tokens, %s', (theme) => {
  const palette = palettes[theme]
  it.each(texts)('%s reads at 4.5:1 or better on every ground', (name) => {
    for (const ground of ['page', 'surface', 'raised'] as const) {
      expect(contrast(palette[name], palette[ground])).toBeGreaterThanOrEqual(4.5)
    }
  })
  it('text on the accent reads', () => {
    expect(contrast(palette['on-accent'], palette.accent)).toBeGreaterThanOrEqual(4.5)
  })
  it('critical, medium and low marks stand out from the ground', () => {
    for (const name of ['critical', 'medium', 'low'] as const) {
      expect(contrast(palette[name], palette.surface)).toBeGreaterThanOrEqual(3)
    }
  })
  it('chart colours of actions stand out from the ground', () => {
    for (const color of Object.values(actionColors[theme])) {
      expect(contrast(color, palette.surface)).toBeGreaterThanOrEqual(3)
    }
  })
})
