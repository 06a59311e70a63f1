/** One sentence in both languages: what tells people something tells it in both, where it is said. */
export interface Said {
  en: string
  zh: string
}

/** Reasons that go on from each other. */
export const inOneSentence = (reasons: readonly Said[], between: Said): Said => ({
  en: reasons.map(({ en }) => en).join(between.en),
  zh: reasons.map(({ zh }) => zh).join(between.zh),
})
