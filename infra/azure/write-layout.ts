import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { format } from 'prettier';
import { LAYOUT } from '#adapters/azure/cosmos-layout.js';

/** Writes modules/cosmos-layout.json, which cosmos.bicep makes the containers from, as the adapters have it: node --conditions=source infra/azure/write-layout.ts */
const layout = Object.entries(LAYOUT).map(([name, { partitionKey, indexed, composite, defaultTtl }]) => ({ name, key: partitionKey, indexed, composite, ttl: defaultTtl })); // prettier-ignore
const file = join(import.meta.dirname, 'modules', 'cosmos-layout.json');
writeFileSync(file, await format(JSON.stringify(layout), { parser: 'json', printWidth: 150 }));
