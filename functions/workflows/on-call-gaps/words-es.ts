import type { Words } from './words.ts';

export const spanish: Words = {
  kind: 'Hueco en la guardia',
  title: {
    open: (service) => `Nadie está de guardia: ${service}`,
    mended: (service) => `Vuelve a haber alguien de guardia: ${service}`,
    over: (service) => `Pasaron las horas sin nadie de guardia: ${service}`,
  },
  todo: {
    open: 'Ponga a alguien en el calendario del que sale la guardia. Hasta entonces se salta a quien se llamaría en este nivel: se llama enseguida al siguiente y, al final, a la centralita.',
    mended: 'La guardia está corregida. No se espera nada de usted.',
    over: 'No se puso a nadie. Ya no se espera nada de usted.',
  },
  level: (level) => ['primera llamada', 'segunda llamada'][level - 1] ?? `nivel ${level}`,
  hours: (level, from, to) => `${level}, ${from} a ${to}`,
  onwards: (level, from) => `${level}, desde ${from}; sin final en una semana`,
  speak: (title, hours) => `${title}; ${hours}.`,
};
