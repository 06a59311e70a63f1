/** Why SQL would not say exactly what a rule says: known of the rule, or met in the data. */
const chinese = {
  '`^` and `$` with `m` stand at other line ends than in ClickHouse':
    '带 `m` 的 `^` 和 `$` 所认的行尾与 ClickHouse 不同',
  'a pattern repeats more than 1000 times': '模式的重复次数超过 1000',
  'ClickHouse has no patterns that look around': 'ClickHouse 的模式不支持环视',
  'a word boundary that ignores case is another in ClickHouse': '不分大小写的单词边界与 ClickHouse 不同',
  '`$` in the middle of a pattern is another in ClickHouse': '模式中间的 `$` 与 ClickHouse 不同',
  'what is usual is worked out by the engine': '惯常水平由引擎计算',
  'groups by a field that is a list are not SQL': '按列表字段分组无法写成 SQL',
  'a field name has more than 8 parts': '字段名以点分隔超过 8 部分',
  'values are nested deeper than is followed': '值的嵌套过深',
  'a sum is too large to be exact': '总和过大，无法精确',
  'a window holds more than 10000 entries': '窗口超过 10000 项',
  'a group has several values in one field': '分组的一个字段有多个值',
  'a time before 1900 or after 2299 is compared': '所比较的时间早于 1900 年或晚于 2299 年',
  'a time that no calendar has is compared': '所比较的时间在日历中不存在',
  'too many events of one millisecond': '同一毫秒的事件过多',
  'an event of several groups came late': '属于多个分组的事件迟到',
  'the period is longer than two years': '时间段超过两年',
} as const
export type WhyReplayed = keyof typeof chinese

export const inChinese = (why: WhyReplayed): string => chinese[why]
const isKnown = (why: string | undefined): why is WhyReplayed => why !== undefined && Object.hasOwn(chinese, why)

/** Thrown where SQL would not say exactly what the rule says. Whoever asked replays the events through the engine instead. */
export class Unsupported extends Error {
  constructor(readonly why: WhyReplayed) {
    super(why)
  }
}

/** What a statement says when it meets a row that it cannot judge exactly; see `replayIf`. */
const MARK = 'custodia needs a replay: '

/**
 * SQL of a condition that ends the statement where it holds: for what depends on the data and not on the rule. It may end
 * a statement that a filter would have spared; it never lets a wrong answer through. Always true otherwise.
 */
export const replayIf = (condition: string, reason: WhyReplayed): string =>
  `throwIf(${condition}, '${MARK}${reason}') = 0`

/** Why a statement ended, when it ended by `replayIf`. Messages of other errors may quote the statement, and so the mark. */
export const replayReason = (error: unknown): WhyReplayed | undefined => {
  if (!(error instanceof Error) || !('code' in error) || error.code !== THROWN_IF) return undefined
  const at = error.message.indexOf(MARK)
  const why = at < 0 ? undefined : /^[^.:']*/.exec(error.message.slice(at + MARK.length))?.[0].trim()
  return isKnown(why) ? why : undefined
}

/** ClickHouse's FUNCTION_THROW_IF_VALUE_IS_NON_ZERO */
const THROWN_IF = '395'
