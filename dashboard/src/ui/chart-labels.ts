import type { Chart, Plugin } from 'chart.js'

const lineHeight = 14

/** Where labels stand that would like to stand at these heights: none upon another, none below the bottom. */
export const spread = (wanted: readonly number[], bottom: number): number[] => {
  const order = wanted.map((_, index) => index).sort((a, b) => wanted[b]! - wanted[a]! || b - a)
  const placed: number[] = []
  let ceiling = bottom
  for (const index of order) {
    placed[index] = Math.min(wanted[index]!, ceiling)
    ceiling = placed[index] - lineHeight
  }
  return placed
}

/** About how wide the longest of these is in 12 pixels; a Chinese character is twice a letter. */
export const widestOf = (labels: readonly string[]): number =>
  Math.max(0, ...labels.map((label) => [...label].reduce((sum, sign) => sum + (sign > '\u2e80' ? 12 : 6.5), 0)))

/** Direct labels instead of a legend: a line's name at its end, a bar's value beside it. */
export const directLabels = (color: () => string, font: string): Plugin => ({
  id: 'direct-labels',
  afterDatasetsDraw(chart: Chart) {
    const { ctx } = chart
    ctx.save()
    ctx.font = `12px ${font}`
    ctx.textBaseline = 'middle'
    const ends = chart.data.datasets.flatMap(({ label = '', borderColor }, index) => {
      const { hidden, type, data } = chart.getDatasetMeta(index)
      const last = data.at(-1)
      return hidden || type !== 'line' || !last ? [] : [{ label, color: String(borderColor), x: last.x, y: last.y }]
    })
    const heights = spread(
      ends.map(({ y }) => y),
      chart.chartArea.bottom,
    )
    ends.forEach(({ label, color, x }, index) => {
      ctx.fillStyle = color
      ctx.fillText(label, x + 6, heights[index] ?? 0)
    })
    chart.data.datasets.forEach((set, index) => {
      const meta = chart.getDatasetMeta(index)
      if (meta.hidden || meta.type === 'line') return
      if (chart.options.indexAxis === 'y') {
        ctx.fillStyle = color()
        meta.data.forEach((bar, at) => ctx.fillText(String(set.data[at] ?? ''), bar.x + 6, bar.y))
      }
    })
    ctx.restore()
  },
})
