import type { Words } from './words.ts';

export const spanish: Words = {
  answers: {
    opened: (caseNumber, until) => `${caseNumber} está abierto para usted hasta las ${until}. Se avisa ahora a privacidad y coordinación.`,
    openAlready: (caseNumber, until) => `${caseNumber} ya está abierto para usted, hasta las ${until}.`,
    needsReason: 'Hace falta un motivo con sus propias palabras. No se abrió ni cambió nada.',
    nobodyToTell: 'people.json no nombra a nadie a quien avisar (auditor, coordinator). No se abrió nada.',
    anotherCase: 'Este acceso es de otra persona o a otro caso. No se abrió nada.',
    notOpen: 'Ya no está abierto para usted. No se cambió nada.',
    ended: 'Está cerrado. Privacidad revisa lo que se abrió.',
    longerAsked: (until) => `Se pide a una segunda persona que lo confirme, hasta las ${until}.`,
    longerAlready: (until) => `Ya se pidió a una segunda persona, hasta las ${until}.`,
    longerConfirmed: (until) => `Sigue abierto hasta las ${until}.`,
    nothingWaits: 'Nada espera ya a una segunda persona. No se cambió nada.',
    anotherPerson: 'Esto lo tiene que hacer otra persona. No se cambió nada.',
    stillOpen: 'Sigue abierto: júzguelo cuando haya terminado.',
    reviewed: 'Su conclusión queda registrada.',
    reviewedAlready: (name) => `${name} ya lo juzgó. No se cambió nada.`,
  },
  reasons: {
    'emergency-care': 'atención urgente de este paciente',
    'responsible-unreachable': 'no se localiza a la persona responsable',
    'patient-asks': 'el paciente lo pide',
    'fault-under-work': 'se está resolviendo un fallo técnico',
  },
  findings: { justified: 'justificado', 'not-justified': 'no justificado' },
  kind: 'Acceso de emergencia',
  notes: {
    opened: {
      title: (name) => `${name} abrió un caso en una emergencia`,
      todo: 'Mírelo en la pestaña de Radloop, Acceso de emergencia. Privacidad lo juzga allí.',
    },
    longer: {
      title: (name) => `${name} necesita más tiempo`,
      todo: 'Confírmelo en la pestaña de Radloop, Acceso de emergencia, si es correcto. Sin una segunda persona termina a su hora.',
    },
    'longer-confirmed': { title: (name) => `Se alargó el acceso de emergencia de ${name}`, todo: 'No se espera nada de usted.' },
    'review-due': {
      title: (name) => `El acceso de emergencia de ${name} no se juzgó a tiempo`,
      todo: 'Júzguelo ahora, en la pestaña de Radloop, Acceso de emergencia.',
    },
  },
  about: (caseNumber, from, until, reason) => `Caso ${caseNumber}, ${from} hasta ${until}: ${reason}.`,
  judgeBy: (time) => `Se debe juzgar antes de ${time}.`,
  speak: (title, caseNumber) => `${title}: caso ${caseNumber}.`,
};
