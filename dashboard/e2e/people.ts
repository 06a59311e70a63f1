/** Who takes part in the story, with the passwords that were handed over to them. */
export const people = {
  admin: { name: 'Zhou Admin', username: 'zhou.admin', password: 'quiet-otter-carries-lamp', role: 'Administrator' },
  second: { name: 'Hu Admin', username: 'hu.admin', password: 'nine-bridges-cross-snow', role: 'Administrator' },
  clerk: { name: 'Lin Clerk', username: 'lin.clerk', password: 'green-kettle-sings-twice', role: 'Staff' },
  analyst: { name: 'Gao Analyst', username: 'gao.analyst', password: 'seven-maps-under-rain', role: 'Analyst' },
  manager: { name: 'Wu Manager', username: 'wu.manager', password: 'slow-river-bends-south', role: 'Manager' },
  auditor: { name: 'Shen Auditor', username: 'shen.auditor', password: 'paper-boats-drift-north', role: 'Auditor' },
} as const
