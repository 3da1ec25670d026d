import type { Person } from '#core/people.js';
import { claimsOfPerson, createPersonGuard } from '../person-guard.ts';
import type { GuardNeeds, PersonGuard, PersonRequest } from '../person-guard.ts';

/** A POST to /api/mcp, as the trigger has it. */
export interface OutsideRequest extends PersonRequest {
  /** Who sent it, as the host saw it. */
  readonly address?: string | undefined;
}

/** Stands before the MCP server. */
export function createOutsideGuard(needs: GuardNeeds): PersonGuard<OutsideRequest, Person> {
  return createPersonGuard(needs, {
    ...{ action: 'mcp-request-refused', line: 'mcp.refused', claims: claimsOfPerson },
    addressOf: ({ address }: OutsideRequest) => address,
    // No browser calls this door: a page that does was not asked for (DNS rebinding).
    strayOf: ({ origin }) => (origin === undefined ? null : 'origin'),
    whoOf: (person) => person,
  });
}
