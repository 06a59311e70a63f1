import { z } from 'zod'

export const Id = z.string().min(1).max(100)
export const IdParam = z.object({ id: Id })
export const Page = z.object({
  cursor: z.string().max(400).optional(),
  limit: z.coerce.number().int().min(1).max(100).default(50),
})
/** A page of anything; `next` is absent on the last one. */
export const pageOf = <T extends z.ZodType>(item: T) =>
  z.object({ items: z.array(item), next: z.string().optional(), total: z.number().int().optional() })
/** So much a reason or a note has to say at the least: 同意 and 误报 are whole answers. */
export const LEAST_TOLD = 2
export const Reason = z.string().trim().min(LEAST_TOLD).max(500)

/** Where a person's first factor is proven: a password here, an OpenID provider, or a directory. */
export const SignInDoor = z.enum(['password', 'oidc', 'ldap'])
export type SignInDoor = z.infer<typeof SignInDoor>
