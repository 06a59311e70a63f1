import { describe, expect, it } from '@jest/globals'
import { watermarkTile } from './watermark.js'

const svgOf = (tile: string) => decodeURIComponent(tile.slice('url("data:image/svg+xml,'.length, -2))

describe('the watermark', () => {
  it('holds every line', () => {
    const svg = svgOf(watermarkTile(['李娜 · li.na', '22 Nov 2026, 14:05', '身份核验']))
    for (const line of ['李娜 · li.na', '22 Nov 2026, 14:05', '身份核验']) expect(svg).toContain(line)
  })
  it('a name cannot break out of it', () => {
    const tile = watermarkTile(['"></svg><script>'])
    expect(svgOf(tile)).not.toContain('<script')
    expect(tile.slice(5, -2)).not.toContain('"')
  })
  it('is wide enough for Chinese, which is wider', () => {
    const widthOf = (line: string) => Number(/width="(\d+)"/.exec(svgOf(watermarkTile([line])))?.[1])
    expect(widthOf('身份核验身份核验')).toBeGreaterThan(widthOf('identity'))
  })
})
