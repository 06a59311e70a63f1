/** Small limits and short windows: there is much to decide, and each decision hangs on the exact order of events. */
export const strictRules: Record<string, string> = {
  'photos-at-a-desk.yml': `
title: Photos at a desk
name: photos-at-a-desk
correlation:
  type: event_count
  rules: [photo-at-a-desk]
  group-by: [actor]
  timespan: 5s
  condition: { gt: 8 }
custodia: { respond: [alert], hold: true, suppress: 3s }
---
title: Photo at a desk
name: photo-at-a-desk
logsource: { product: custodia, category: access }
detection: { selection: { action: photo_view, outcome: [granted, allowed] }, condition: selection }
`,
  'busy-branch.yml': `
title: A busy branch
name: busy-branch
correlation:
  type: event_count
  rules: [seen-in-a-branch]
  group-by: [branch]
  timespan: 10s
  condition: { gte: 20 }
custodia: { respond: [alert], suppress: 2s }
---
title: Seen in a branch
name: seen-in-a-branch
logsource: { product: custodia, category: access }
detection: { selection: { action: view, outcome: granted }, condition: selection }
`,
}
