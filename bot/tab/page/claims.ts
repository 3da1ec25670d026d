/** What the tenant's conditional access asks for in this authentication context: a second factor at every sign-in. */
export function claimsOf(stepUp: string): string {
  return JSON.stringify({ access_token: { acrs: { essential: true, value: stepUp }, auth_time: { essential: true } } });
}
