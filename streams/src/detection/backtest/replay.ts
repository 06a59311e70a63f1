import type { FinalOutcome } from '@custodia/contracts'
import { isServed, LiveCounts, type Baselines, type Seen } from '../baselines/index.js'
import { type Firing, isByActor, plantTree, type RuleTree, TreeState } from '../correlate/index.js'
import { alertId, type Hash, resetAfterLift } from '../decide/index.js'
import type { Rule } from '../sigma/index.js'
import { type Memory, textsAlone } from '../windows/index.js'
import {
  type Afresh,
  afterTheFact,
  atItsActor,
  finalOf,
  inOrder,
  isJudged,
  isOwn,
  type Judged,
  type PastAccess,
} from './past-access.js'
import type { Answer, PastAlert, Reading } from './reading.js'

export interface ReplayOptions {
  usualOn?: UsualOn | undefined
  afresh?: Afresh | undefined
  signal?: AbortSignal | undefined
}

/**
 * A rule's alerts in a period, by the engine, over what really happened: verdicts stay as they were given. A rule that holds
 * counts what was served, and looks at each access that was refused, as it did then. What happened may come in parts.
 */
export class RuleReplay {
  private readonly tree: RuleTree
  private readonly byActor: boolean
  private readonly known: number
  private readonly suppressMs: number
  private readonly places: readonly Place[]
  private readonly alerts: PastAlert[] = []
  private readonly unsure = new Set<string>()
  private readonly live = new LiveCounts()
  private judgedUntil: number
  private seen = 0

  constructor(
    private readonly root: Rule,
    rules: readonly Rule[],
    private readonly reading: Reading,
    private readonly hash: Hash,
    private readonly more: ReplayOptions = {},
  ) {
    this.tree = plantTree(root, rules)
    this.byActor = isByActor(this.tree)
    this.known = reading.whole ? -Infinity : reading.start + this.tree.lookbackMs
    this.suppressMs = root.custodia.suppressSeconds * 1000
    this.judgedUntil = reading.start
    this.places = [true, false].map((direct) => ({ direct, lives: [this.life()] }))
  }

  /** Everything that is judged before `until` and was not added yet. */
  async add(accesses: readonly PastAccess[], until: number): Promise<void> {
    const since = this.judgedUntil
    this.judgedUntil = until
    for (const place of this.places) {
      for (const judged of this.judgedAt(place, accesses)
        .filter(({ at }) => at >= since && at < until)
        .sort(inOrder)) {
        if (++this.seen % BREATH === 0) await others(this.more.signal)
        while (place.lives.length <= judged.life) place.lives.push(this.life())
        const life = place.lives[judged.life] as Life
        if (place.direct) resetAfterLift([life.state], judged.access.event)
        if (this.isDirect(judged.access) === place.direct) this.judge(judged, life, place.direct)
      }
      for (const { state, memory } of place.lives) {
        state.sweep(until)
        memory.texts.tidy()
      }
    }
  }

  private life(): Life {
    const memory = textsAlone()
    const certain = new CertainFirings(this.known, this.suppressMs)
    return { memory, state: new TreeState(this.tree, memory), certain }
  }

  private isDirect({ event }: PastAccess): boolean {
    return this.byActor && isOwn(event)
  }

  /** what this place judges or, of lifts, is told */
  private judgedAt({ direct }: Place, accesses: readonly PastAccess[]): Judged[] {
    const judged = accesses.filter(isJudged)
    const { afresh = new Map() } = this.more
    if (!direct)
      return judged.filter((one) => !this.isDirect(one)).flatMap((one) => afterTheFact(this.tree, one, afresh))
    return judged.filter((one) => this.isDirect(one) || one.event.action === 'lift').map(atItsActor)
  }

  /** alerts so far */
  get found(): number {
    return this.alerts.length
  }

  answer(): Answer {
    const alerts = this.alerts.toSorted((a, b) => a.at - b.at || (a.event_id < b.event_id ? -1 : 1))
    return { alerts, unsure: this.unsure.size }
  }

  private judge(judged: Judged, { state, certain }: Life, direct: boolean): void {
    const { from } = this.reading
    const { usualOn } = this.more
    const beside = direct && usualOn ? look(this.live, judged, usualOn(judged.at)) : undefined
    for (const firing of firingsAt(state, judged, beside)) {
      const { group, value, eventId: event_id, time: at } = firing
      if (at < this.known) continue
      if (!certain.add(group.key, at) && at >= from) this.unsure.add(group.key)
      if (at < (firing.state.lastAlertAt ?? -Infinity) + this.suppressMs) continue
      firing.state.lastAlertAt = at
      const id = alertId(this.root.name, this.root.version, group.fields, event_id, this.hash)
      if (at >= from) this.alerts.push({ id, at, group: group.fields, event_id, value })
    }
  }
}

/** An actor's own place in the log, or where all else is judged. */
interface Place {
  direct: boolean
  /** of keys that began afresh so often; a key of the first is another in the next */
  lives: Life[]
}

interface Life {
  memory: Memory
  state: TreeState
  certain: CertainFirings
}

/** So many accesses are judged in a turn: a gateway has other requests, and may hear that nobody waits for this one. */
const BREATH = 2_000
const others = async (signal: AbortSignal | undefined): Promise<void> => {
  await new Promise((resolve) => setImmediate(resolve))
  signal?.throwIfAborted()
}

/** From a firing on that none came before for as long as the suppression, it is known which of a group's firings alert. */
class CertainFirings {
  private readonly groups = new Map<string, { last: number; certain: boolean }>()

  constructor(
    private readonly known: number,
    private readonly suppressMs: number,
  ) {}

  add(key: string, at: number): boolean {
    const before = this.groups.get(key) ?? { last: this.known, certain: false }
    const certain = before.certain || at - before.last >= this.suppressMs
    this.groups.set(key, { last: at, certain })
    return certain
  }
}

/** What was usual at a moment. */
export type UsualOn = (at: number) => Baselines | undefined

const look = (
  live: LiveCounts,
  { access: { event, outcome }, at }: Judged,
  baselines: Baselines | undefined,
): Seen | undefined => {
  const seen = live.look(event, at, baselines)
  if (seen && baselines && isServed(outcome)) live.count(event, at, seen, baselines.offsetMinutes)
  return seen
}

const firingsAt = (state: TreeState, { access, at, bases }: Judged, beside?: Seen): Firing[] => {
  const { event } = access
  const { hold, mode } = state.tree.root.custodia
  const seen = finalOf(access)
  const occurrence = (as: FinalOutcome) => ({
    id: event.id,
    time: at,
    event: { ...event, outcome: as, ...(beside && { baseline: beside.baseline, risk: beside.risk }) },
  })
  if (!hold || seen === 'granted' || seen === 'allowed') return state.judge(occurrence(seen), bases)
  if (mode !== 'live' || event.outcome !== 'held') return []
  return state.peek(occurrence('allowed')).filter(({ value, full }) => full || value > (state.tree.limit ?? 0))
}
