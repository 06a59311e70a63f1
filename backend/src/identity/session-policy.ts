import type { Role } from '@custodia/contracts'

export interface SessionLimits {
  idleMinutes: number
  longestMinutes: number
}

export interface SessionPolicy {
  limitsOf(role: Role): SessionLimits
  /** 0: none */
  cap: number
  /** a network other than the one a session began in asks for a factor again; another device always does */
  boundToNetwork: boolean
}

const usual: SessionLimits = { idleMinutes: 60, longestMinutes: 720 }

export function sessionPolicy(env: {
  CUSTODIA_SESSION_LIMITS: string
  CUSTODIA_SESSION_CAP: number
  CUSTODIA_SESSION_BINDING: 'device+network' | 'device'
}): SessionPolicy {
  const limits = new Map(
    env.CUSTODIA_SESSION_LIMITS.split(',').map((entry) => {
      const [role = '', idle, longest] = entry.split(/[=/]/)
      return [role, { idleMinutes: Number(idle), longestMinutes: Number(longest) }]
    }),
  )
  return {
    limitsOf: (role) => limits.get(role) ?? usual,
    cap: env.CUSTODIA_SESSION_CAP,
    boundToNetwork: env.CUSTODIA_SESSION_BINDING === 'device+network',
  }
}
