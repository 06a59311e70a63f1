export function standsStill(pid: number): Promise<void>
