/** One series of a chart; the colour comes from the shared action or severity colours. */
export interface ChartSeries {
  label: string
  color: string
  values: number[]
}
