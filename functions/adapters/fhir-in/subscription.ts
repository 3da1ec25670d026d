import type { FhirSubscriptionRow, FhirSubscriptions } from '#domain/site.js';
import type { FhirResource } from '#ports/fhir-client.js';

const BACKPORT = 'http://hl7.org/fhir/uv/subscriptions-backport/StructureDefinition';

/**
 * The Subscription of one row, with its secret as a header of the channel, `requested` as a client must write it. `classic`: FHIR R4 subscription.html.
 * `topic`: Subscriptions R5 Backport 1.1.0, StructureDefinition-backport-subscription, which is R4's and R4B's form.
 */
export function subscriptionOf(site: FhirSubscriptions, row: FhirSubscriptionRow, secret: string): FhirResource {
  const endpoint = `${site.callbackUrl.replace(/\/+$/u, '')}/${row.name}`;
  const header = [`X-Radloop-Secret: ${secret}`];
  const shared = { resourceType: 'Subscription', status: 'requested', reason: 'Radloop: imaging orders and what belongs to them' };
  if (site.kind === 'classic') {
    const payload = row.payload === 'full-resource' ? { payload: 'application/fhir+json' } : {};
    return { ...shared, criteria: row.criteria, channel: { type: 'rest-hook', endpoint, ...payload, header } };
  }
  return {
    ...shared,
    meta: { profile: [`${BACKPORT}/backport-subscription`] },
    criteria: row.topic ?? row.criteria,
    _criteria: { extension: [{ url: `${BACKPORT}/backport-filter-criteria`, valueString: row.criteria }] },
    channel: {
      extension: [{ url: `${BACKPORT}/backport-heartbeat-period`, valueUnsignedInt: site.heartbeatSeconds }],
      type: 'rest-hook',
      endpoint,
      payload: 'application/fhir+json',
      _payload: { extension: [{ url: `${BACKPORT}/backport-payload-content`, valueCode: row.payload }] },
      header,
    },
  };
}
