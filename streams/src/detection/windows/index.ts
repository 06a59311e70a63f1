export { GroupState } from './group-state.js'
export type { GroupStateRecord } from './group-state.js'
export { MAX_ENTRIES, SlidingWindow } from './sliding-window.js'
export type { Aggregate, Entry, EntryValue, WindowShape, WindowState } from './sliding-window.js'
