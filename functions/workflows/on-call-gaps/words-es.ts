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
  wanting: {
    open: {
      title: (service) => `Quizá no se localice a alguien de guardia: ${service}`,
      todo: 'Haga que se corrija cada punto. Hasta entonces se salta a quien no se pueda localizar, o se entera tarde.',
    },
    mended: { title: (service) => `En las próximas 24 horas ya no falta nada: ${service}`, todo: 'No se espera nada de usted.' },
  },
  lack: {
    'unusable-roster': () => 'Su archivo de guardias no se puede usar: vale lo que se sabía antes. “radloop doctor” indica la línea.',
    'no-roster': () => 'No tiene calendario de guardias: nadie está de guardia.',
    'no-level': (_, level) => `Su calendario no nombra nunca a nadie como ${level}.`,
    'old-roster': () => 'Su calendario lleva sin cambios más de lo que admite el centro: compruebe que sigue llegando.',
    'unknown-person': (people, level) => `No está en people.json (${level}): ${people}`,
    'no-second-channel': (people, level) => `Sin busca, SMS ni llamada (${level}): ${people}`,
    'no-app': (people, level) => `No ha instalado Radloop en Teams (${level}): ${people}`,
  },
  page: {
    hours: (service, level, from) => `NADIE DE GUARDIA: ${service}, ${level}, desde ${from}`,
    lacks: (service, count) => `GUARDIA NO SEGURA: ${service}, ${count} por corregir`,
    doThis: (callBack) => `Vea su tarjeta en Teams, o llame al servicio. Devolver la llamada: ${callBack}`,
  },
  level: (level) => ['primera llamada', 'segunda llamada'][level - 1] ?? `nivel ${level}`,
  hours: (level, from, to) => `${level}, ${from} a ${to}`,
  onwards: (level, from) => `${level}, desde ${from}; sin final en una semana`,
  speak: (title, hours) => `${title}; ${hours}.`,
};
