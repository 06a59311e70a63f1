/** Every colour and size of the dashboard, once. CSS variables (`--<name>`) and naive-ui's theme are made of these. */
export interface Palette {
  page: string
  surface: string
  raised: string
  sunken: string
  border: string
  'border-strong': string
  text: string
  'text-2': string
  'text-3': string
  accent: string
  'accent-text': string
  'on-accent': string
  'accent-soft': string
  focus: string
  critical: string
  'critical-text': string
  high: string
  'high-text': string
  medium: string
  'medium-text': string
  low: string
  'low-text': string
  frozen: string
  'frozen-text': string
  fine: string
  'fine-text': string
  danger: string
  'danger-soft': string
}

// Severity marks are Okabe–Ito and the same in both themes; their words get a lighter or darker twin where 4.5:1 asks for it.
const marks = { critical: '#d55e00', high: '#e69f00', low: '#7a869a', frozen: '#56b4e9', fine: '#009e73' }

export const light: Palette = {
  page: '#f5f6f8',
  surface: '#ffffff',
  raised: '#ffffff',
  sunken: '#eef0f3',
  border: '#dfe3e8',
  'border-strong': '#c3cad3',
  text: '#1b222c',
  'text-2': '#4a5567',
  'text-3': '#596475',
  accent: '#2b5fb4',
  'accent-text': '#2455a4',
  'on-accent': '#ffffff',
  'accent-soft': '#e8effa',
  focus: '#2b5fb4',
  ...marks,
  medium: '#0072b2',
  'critical-text': '#ab4b00',
  'high-text': '#835a00',
  'medium-text': '#00639b',
  'low-text': '#5b6678',
  'frozen-text': '#0b6a9f',
  'fine-text': '#007253',
  danger: '#b3261e',
  'danger-soft': '#fbeceb',
}

export const dark: Palette = {
  page: '#0f1318',
  surface: '#161b22',
  raised: '#1d242d',
  sunken: '#0b0e12',
  border: '#2a323d',
  'border-strong': '#3d4855',
  text: '#e3e8ef',
  'text-2': '#a9b4c2',
  'text-3': '#8793a3',
  accent: '#7aa7f0',
  'accent-text': '#8fb6f5',
  'on-accent': '#0d1520',
  'accent-soft': '#1c2a3f',
  focus: '#8fb6f5',
  ...marks,
  medium: '#2f93d1',
  'critical-text': '#f58a3c',
  'high-text': '#f0b22e',
  'medium-text': '#5cb0e6',
  'low-text': '#98a4b5',
  'frozen-text': '#74c3f0',
  'fine-text': '#35c296',
  danger: '#f2867e',
  'danger-soft': '#3a1f1e',
}

export type ThemeName = 'light' | 'dark'
export const palettes: Record<ThemeName, Palette> = { light, dark }

export const font = {
  text: 'system-ui, -apple-system, "Segoe UI", "PingFang SC", "Microsoft YaHei", "Noto Sans SC", "Noto Sans CJK SC", sans-serif',
  mono: 'ui-monospace, SFMono-Regular, Menlo, Consolas, "Liberation Mono", "DejaVu Sans Mono", "Noto Sans Mono CJK SC", monospace',
}

const declarations = (palette: Palette): string =>
  Object.entries(palette)
    .map(([name, value]) => `--${name}:${value}`)
    .join(';')

/** The tokens as a style sheet. */
export const tokenSheet = (): string =>
  `:root{--font:${font.text};--mono:${font.mono};${declarations(light)}}[data-theme=dark]{${declarations(dark)}}`
