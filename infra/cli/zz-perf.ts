import { decode } from '#adapters/hl7/message.js';
import { judge } from '#adapters/hl7/door.js';
import { toInstant } from '#core/time.js';
import { readFileSync } from 'node:fs';
const H='MSH|^~\\&|HIS|NORTH|RIS|NORTH|20261125104000||ORM^O01|1|P|2.5.1';
let t=performance.now(); const d=decode(Buffer.from(`${H}\rOBX|1|ED|||${'A\\F\\'.repeat(2_000_000)}\r`)); console.log('decode 8MB', performance.now()-t);
t=performance.now(); if(d.ok) console.log(d.message.text('OBX-5').length); console.log('unescape', performance.now()-t);
t=performance.now(); console.log(decode(Buffer.from(`${H}\r${'NTE|1\r'.repeat(1_000_000)}`)).message?.segments.length); console.log('1M segs', performance.now()-t);
const b=readFileSync('../shared/data/hl7/messages/pacs-bridge/code/orm_handler_test_L54.hl7'); const site={ fieldMap: { accessionNumber: ['OBR-18'], protocol: 'OBR-19', preferredAssigners: [] }, procedureMap: { imaging: [], notImaging: [] } };
for (let k=0;k<3;k++){t=performance.now(); for(let i=0;i<20000;i++) judge(b,site,toInstant(0)); console.log('judge/s', Math.round(20000/((performance.now()-t)/1000)));}
