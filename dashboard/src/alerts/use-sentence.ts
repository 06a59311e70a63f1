import type { AlertWithTriage } from '@custodia/contracts'
import { useText, type TextKey } from '../i18n/index.js'
import { useRuleWords } from '../rules/use-rule-words.js'
import { about, grouped } from '../ui/format.js'
import { deedOf, doneOf, unservedOf } from './deed.js'

/** An alert as one sentence in the reader's language, made of its numbers: who did what, how fast, what was refused, what is usual. */
export const useSentence = () => {
  const { t, zh, locale } = useText()
  const { duration } = useRuleWords()
  const number = (n: number) => grouped(Math.round(n * 10) / 10, locale.value)

  const span = ({ context, window_seconds }: AlertWithTriage): string => {
    if (context?.seconds !== undefined) {
      const { n, unit } = about(Math.max(1, context.seconds))
      return t('alerts.sentence.in', { span: t(`common.long_duration.${unit}`, { n }) })
    }
    return window_seconds ? t('alerts.sentence.within', { span: duration(window_seconds) }) : ''
  }
  const whoOf = ({ actor, actor_name, group }: AlertWithTriage): string =>
    actor_name ?? actor ?? group['ip'] ?? Object.values(group)[0] ?? t('rules.everyone')

  /** Who did what: from the numbers where the rule's way of counting is known, in the rule's own words otherwise. */
  const deed = (alert: AlertWithTriage): string => {
    const done = deedOf(alert)
    const n = doneOf(alert)
    if (!done || n === undefined) return zh.value ? alert.text.zh : alert.text.en
    const key: TextKey = `alerts.sentence.${done}`
    const when = alert.context?.off_hours ? t('alerts.sentence.off_hours') : ''
    return [t(key, { who: whoOf(alert), n: n, count: number(n) }), span(alert), when]
      .filter(Boolean)
      .join(zh.value ? '，' : ' ')
  }

  return {
    /** “张三 opened 50 different customers’ photos in 4 minutes; 13 more attempts refused; limit 50; usual for this hour 6” */
    sentenceOf: (alert: AlertWithTriage): string => {
      const { context, limit } = alert
      const usual = context?.usual
      const unserved = unservedOf(alert)
      const parts = [
        deed(alert),
        unserved ? t('alerts.sentence.unserved', { n: unserved }) : '',
        context?.refused ? t('alerts.sentence.refused', { n: context.refused }) : '',
        limit === undefined ? '' : t('alerts.sentence.limit', { limit: number(limit) }),
        usual?.value === undefined ? '' : t('alerts.sentence.usual', { value: number(usual.value) }),
        usual && usual.value === undefined ? t('alerts.sentence.unusual', { n: usual.weeks }) : '',
      ]
      return parts.filter(Boolean).join(zh.value ? '；' : '; ')
    },
  }
}
