import type { Chart, Plugin } from 'chart.js'

/** Direct labels instead of a legend: a line's name at its end, a bar's value beside it. */
export const directLabels = (color: () => string, font: string): Plugin => ({
  id: 'direct-labels',
  afterDatasetsDraw(chart: Chart) {
    const { ctx } = chart
    ctx.save()
    ctx.font = `12px ${font}`
    ctx.textBaseline = 'middle'
    chart.data.datasets.forEach((set, index) => {
      const meta = chart.getDatasetMeta(index)
      if (meta.hidden) return
      if (meta.type === 'line') {
        const last = meta.data.at(-1)
        if (!last) return
        ctx.fillStyle = String(set.borderColor)
        ctx.fillText(set.label ?? '', last.x + 6, last.y)
      } else if (chart.options.indexAxis === 'y') {
        ctx.fillStyle = color()
        meta.data.forEach((bar, at) => ctx.fillText(String(set.data[at] ?? ''), bar.x + 6, bar.y))
      }
    })
    ctx.restore()
  },
})
