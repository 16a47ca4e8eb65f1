import { computed, effect, signal } from '@preact/signals';

const dark = matchMedia('(prefers-color-scheme: dark)');
const systemIsDark = signal(dark.matches);
dark.addEventListener('change', () => {
  systemIsDark.value = dark.matches;
});

/** What the user chose; null: as the system. */
export const chosenTheme = signal<'light' | 'dark' | null>(null);

/** Colours of page and figures. */
export const theme = computed<'light' | 'dark'>(() => chosenTheme.value ?? (systemIsDark.value ? 'dark' : 'light'));

effect(() => {
  document.documentElement.dataset['theme'] = theme.value;
});
