/**
 * Host configs that look like Teams, light and dark, and a high-contrast one: Fluent's colours, Teams' sizes. The light one has the sizes and container colours with which the
 * Agents Playground draws; text colours are Fluent's. For the rehearsal's telephone and for the tests of cards; Teams' own are not published as such.
 */
export const themes = {
  light: { page: '#ffffff', button: '#ffffff', buttonText: '#242424', border: '#d1d1d1', config: hostConfig('#242424', '#5c5c5c', '#ffffff', {
    emphasis: '#f5f5f5', accent: '#c7def9', good: '#ccffcc', attention: '#ffc5b2', warning: '#ffe2b2',
  }) },
  dark: { page: '#292929', button: '#292929', buttonText: '#ffffff', border: '#666666', config: hostConfig('#ffffff', '#c8c8c8', '#292929', {
    emphasis: '#1f1f1f', accent: '#123a5f', good: '#0b3d0b', attention: '#6e1a1a', warning: '#5c3a00',
  }) },
  /** Ours and not Teams' own, which is not published: white on black whatever the container says, so that its word must carry the meaning. */
  contrast: { page: '#000000', button: '#000000', buttonText: '#ffff00', border: '#ffffff', config: hostConfig('#ffffff', '#ffffff', '#000000', {
    emphasis: '#000000', accent: '#000000', good: '#000000', attention: '#000000', warning: '#000000',
  }) },
} as const; // prettier-ignore

export type Theme = keyof typeof themes;

type Tones = Readonly<Record<'emphasis' | 'accent' | 'good' | 'attention' | 'warning', string>>;

function hostConfig(text: string, subtle: string, ground: string, tones: Tones) {
  const colours = { default: text, subtle, highlightColors: { default: '#44ffb900', subtle: '#44ffb900' } };
  const foregroundColors = Object.fromEntries(['default', 'dark', 'light', 'accent', 'good', 'warning', 'attention'].map((name) => [name, colours]));
  const font = (fontFamily: string) => ({
    fontFamily,
    fontSizes: { small: 12, default: 14, medium: 14, large: 18, extraLarge: 24 },
    fontWeights: { lighter: 300, default: 400, bolder: 600 },
  });
  const style = (backgroundColor: string) => ({ backgroundColor, foregroundColors });
  return {
    choiceSetInputValueSeparator: ',',
    supportsInteractivity: true,
    spacing: { small: 8, default: 12, medium: 16, large: 20, extraLarge: 24, padding: 16 },
    separator: { lineThickness: 1, lineColor: '#d1d1d1' },
    fontTypes: {
      default: font('"Segoe UI", "Noto Sans", "Noto Sans CJK SC", sans-serif'),
      monospace: font('"Courier New", "DejaVu Sans Mono", monospace'),
    },
    textBlock: { headingLevel: 3 },
    textStyles: { heading: { fontType: 'default', size: 'large', weight: 'bolder', color: 'default', isSubtle: false } },
    containerStyles: { default: style(ground), ...Object.fromEntries(Object.entries(tones).map(([name, colour]) => [name, style(colour)])) },
    actions: {
      maxActions: 6,
      buttonSpacing: 8,
      showCard: { actionMode: 'inline', inlineTopMargin: 16, style: 'emphasis' },
      actionsOrientation: 'horizontal',
      actionAlignment: 'left',
    },
    adaptiveCard: { allowCustomStyle: false },
    inputs: { label: { requiredInputs: { weight: 'bolder', suffix: ' *', suffixColor: 'default' }, optionalInputs: { weight: 'bolder' } } },
  };
}
