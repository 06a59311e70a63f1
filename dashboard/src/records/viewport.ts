/** How a photo lies on its stage: `zoom` 1 fits it whole, `turn` in quarter turns, `x` and `y` in pixels off the centre. */
export interface Viewport {
  zoom: number
  turn: 0 | 1 | 2 | 3
  x: number
  y: number
}
export interface Size {
  width: number
  height: number
}
export type ViewportMove =
  { to: 'in' | 'out' | 'whole' | 'right_turn' | 'left_turn' } | { to: 'pan'; x: number; y: number }

export const wholePhoto: Viewport = { zoom: 1, turn: 0, x: 0, y: 0 }
const step = 1.25
const mostZoom = 8

/** A small photo is enlarged, but not until it is only blocks. */
const mostEnlarged = 2

/** The scale at which the turned photo fits the stage whole. */
export const fitScale = (photo: Size, stage: Size, turn: Viewport['turn']): number => {
  const [width, height] = turn % 2 ? [photo.height, photo.width] : [photo.width, photo.height]
  if (!width || !height) return 1
  return Math.min(mostEnlarged, stage.width / width, stage.height / height)
}

/** Some of the photo always stays on the stage. */
const kept = (view: Viewport, photo: Size, stage: Size): Viewport => {
  const scale = fitScale(photo, stage, view.turn) * view.zoom
  const [width, height] = view.turn % 2 ? [photo.height, photo.width] : [photo.width, photo.height]
  const spareX = Math.max(0, (width * scale - stage.width) / 2)
  const spareY = Math.max(0, (height * scale - stage.height) / 2)
  const within = (value: number, spare: number) => Math.min(spare, Math.max(-spare, value)) || 0
  return { ...view, x: within(view.x, spareX), y: within(view.y, spareY) }
}

export const moved = (view: Viewport, move: ViewportMove, photo: Size, stage: Size): Viewport => {
  if (move.to === 'whole') return { ...wholePhoto, turn: view.turn }
  if (move.to === 'pan') return kept({ ...view, x: view.x + move.x, y: view.y + move.y }, photo, stage)
  if (move.to === 'in' || move.to === 'out') {
    const zoom = Math.min(mostZoom, Math.max(1, move.to === 'in' ? view.zoom * step : view.zoom / step))
    const grown = zoom / view.zoom
    return kept({ ...view, zoom, x: view.x * grown, y: view.y * grown }, photo, stage)
  }
  const turn = ((view.turn + (move.to === 'right_turn' ? 1 : 3)) % 4) as Viewport['turn']
  return kept({ ...view, turn, x: 0, y: 0 }, photo, stage)
}

/** The keys of the viewer, beside Escape. */
export const moveOfKey = (key: string): ViewportMove | undefined => moves[key]
const moves: Record<string, ViewportMove> = {
  '+': { to: 'in' },
  '=': { to: 'in' },
  '-': { to: 'out' },
  '0': { to: 'whole' },
  r: { to: 'right_turn' },
  R: { to: 'left_turn' },
  ArrowLeft: { to: 'pan', x: 60, y: 0 },
  ArrowRight: { to: 'pan', x: -60, y: 0 },
  ArrowUp: { to: 'pan', x: 0, y: 60 },
  ArrowDown: { to: 'pan', x: 0, y: -60 },
}
