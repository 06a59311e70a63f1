const escaped = (text: string): string => text.replace(/[<>&"']/g, (char) => `&#${char.codePointAt(0)};`)

/** CJK characters are as wide as they are high, others about half. */
const widthOf = (text: string, size: number): number =>
  [...text].reduce((sum, char) => sum + ((char.codePointAt(0) ?? 0) > 0x2e7f ? size : size * 0.58), 0)

/**
 * Who looks, when and what for, as a tile to lay over a photo again and again. White with a dark rim, so that it is read on
 * a white card and on a dark face alike.
 */
export const watermarkTile = (lines: readonly string[], size = 14): string => {
  const width = Math.ceil(Math.max(...lines.map((line) => widthOf(line, size))) + 48)
  const height = Math.ceil(width * 0.42 + lines.length * size * 1.4 + 40)
  const rows = lines
    .map((line, at) => `<text x="0" y="${(at * size * 1.4).toFixed(0)}">${escaped(line)}</text>`)
    .join('')
  const svg =
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">` +
    `<g transform="translate(24 ${height - 40}) rotate(-20)" font-family="system-ui,'PingFang SC','Microsoft YaHei','Noto Sans CJK SC',sans-serif"` +
    ` font-size="${size}" font-weight="500" fill="#fff" fill-opacity=".5" stroke="#000" stroke-opacity=".38" stroke-width="2" paint-order="stroke">` +
    `${rows}</g></svg>`
  return `url("data:image/svg+xml,${encodeURIComponent(svg)}")`
}
