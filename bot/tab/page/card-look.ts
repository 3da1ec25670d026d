/** How cards look in the tab: colours and type are the theme's own variables, so that all three themes have one look. */
const text = (token: string) => ({ default: `var(${token})`, subtle: `var(${token})` });
const all = (strong: string, subtle: string) => {
  const colour = { default: `var(${strong})`, subtle: `var(${subtle})` };
  return { default: colour, dark: colour, light: colour, accent: colour, good: colour, warning: colour, attention: colour };
};
const plain = all('--colorNeutralForeground1', '--colorNeutralForeground2');
const ground = (background: string, foreground: string) => ({
  backgroundColor: `var(${background})`,
  borderColor: `var(${foreground})`,
  foregroundColors: Object.fromEntries(Object.keys(plain).map((name) => [name, text(foreground)])),
});

export const cardLook = {
  supportsInteractivity: true,
  fontFamily: 'var(--fontFamilyBase)',
  fontTypes: {
    default: { fontFamily: 'var(--fontFamilyBase)' },
    monospace: { fontFamily: 'var(--fontFamilyMonospace)' },
  },
  fontSizes: { small: 12, default: 14, medium: 16, large: 20, extraLarge: 24 },
  fontWeights: { lighter: 400, default: 400, bolder: 600 },
  lineHeights: { small: 16, default: 20, medium: 22, large: 28, extraLarge: 32 },
  spacing: { small: 4, default: 8, medium: 12, large: 16, extraLarge: 24, padding: 12 },
  separator: { lineThickness: 1, lineColor: 'var(--colorNeutralStroke2)' },
  containerStyles: {
    default: { backgroundColor: 'transparent', foregroundColors: plain },
    emphasis: { backgroundColor: 'var(--colorNeutralBackground4)', foregroundColors: plain },
    accent: ground('--colorBrandBackground2', '--colorNeutralForeground1'),
    good: ground('--colorStatusSuccessBackground1', '--colorNeutralForeground1'),
    warning: ground('--colorStatusWarningBackground1', '--colorNeutralForeground1'),
    attention: ground('--colorStatusDangerBackground1', '--colorNeutralForeground1'),
  },
  actions: {
    maxActions: 10,
    spacing: 'default',
    buttonSpacing: 8,
    showCard: { actionMode: 'inline', inlineTopMargin: 8, style: 'emphasis' },
    actionsOrientation: 'horizontal',
    actionAlignment: 'left',
  },
  inputs: {
    label: { inputSpacing: 4, requiredInputs: { weight: 'bolder' }, optionalInputs: { weight: 'bolder' } },
    errorMessage: { spacing: 'small', weight: 'bolder', color: 'attention' },
  },
  textBlock: { headingLevel: 4 },
  textStyles: { heading: { weight: 'bolder', size: 'medium' } },
};
