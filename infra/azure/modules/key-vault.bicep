// The site key: `site-wrap` wraps data keys, `site-sign` signs audit checkpoints; neither leaves the vault. Beside them the relay's TLS files. Roles instead
// of access policies, no purge for 90 days whoever asks: without these keys the store can't be read by anybody.

@description('Region.')
param location string
@description('Tags of every resource.')
param tags object
@description('Unique part of names.')
param token string
@description('Token for the detail of the health routes.')
@secure()
param healthToken string
@description('Keep the relay\'s files.')
param relay bool
@description('Settings of the relay.')
@secure()
param relaySettings string
@description('PEM: certificate of the relay.')
@secure()
param relayCertificate string
@description('PEM: key of that certificate.')
@secure()
param relayKey string
@description('PEM: authorities of those who may connect to the relay.')
@secure()
param relayClientsCa string
@description('PEM: certificate of the service at the relay.')
@secure()
param relayClientCertificate string
@description('PEM: key of that certificate.')
@secure()
param relayClientKey string
@description('Who seals and opens.')
param servicePrincipalId string
@description('Who signs.')
param auditorPrincipalId string
@description('Who reads the relay\'s files.')
param relayPrincipalId string
@description('Subnet of the private endpoints.')
param endpointsSubnetId string
@description('Zone privatelink.vaultcore.azure.net.')
param zoneId string
@description('Where its diagnostics go.')
param workspaceId string

var roles = {
  wraps: 'e147488a-f6f5-4113-8e2d-b22465e65bf6' // Key Vault Crypto Service Encryption User: read, wrap, unwrap
  signs: '12338af0-0e69-4776-bea7-57ae8d297424' // Key Vault Crypto User
  readsSecret: '4633458b-17de-408a-b874-0445c86b69e6' // Key Vault Secrets User
}

resource vault 'Microsoft.KeyVault/vaults@2024-11-01' = {
  name: 'kv-rl-${token}'
  location: location
  tags: tags
  properties: {
    tenantId: tenant().tenantId
    sku: {
      family: 'A'
      name: 'premium'
    }
    enableRbacAuthorization: true
    enableSoftDelete: true
    softDeleteRetentionInDays: 90
    enablePurgeProtection: true
    publicNetworkAccess: 'Disabled'
    networkAcls: {
      bypass: 'None'
      defaultAction: 'Deny'
    }
  }
}

// A new version each year; old ones stay and open what they wrapped. `radloop` takes up the newest and wraps anew while it runs (runbook key-rotation).
resource wrapKey 'Microsoft.KeyVault/vaults/keys@2024-11-01' = {
  parent: vault
  name: 'site-wrap'
  properties: {
    kty: 'RSA-HSM'
    keySize: 3072
    keyOps: ['wrapKey', 'unwrapKey']
    attributes: {
      exportable: false
    }
    rotationPolicy: {
      lifetimeActions: [
        {
          action: { type: 'rotate' }
          trigger: { timeAfterCreate: 'P1Y' }
        }
      ]
    }
  }
}

resource signKey 'Microsoft.KeyVault/vaults/keys@2024-11-01' = {
  parent: vault
  name: 'site-sign'
  properties: {
    kty: 'EC-HSM'
    curveName: 'P-256'
    keyOps: ['sign', 'verify']
    attributes: {
      exportable: false
    }
    rotationPolicy: {
      lifetimeActions: [
        {
          action: { type: 'rotate' }
          trigger: { timeAfterCreate: 'P1Y' }
        }
      ]
    }
  }
}

resource healthTokenSecret 'Microsoft.KeyVault/vaults/secrets@2024-11-01' = {
  parent: vault
  name: 'health-token'
  properties: { value: healthToken }
}

resource settingsSecret 'Microsoft.KeyVault/vaults/secrets@2024-11-01' = if (relay) {
  parent: vault
  name: 'relay-settings'
  properties: { value: relaySettings }
}

resource certificateSecret 'Microsoft.KeyVault/vaults/secrets@2024-11-01' = if (relay) {
  parent: vault
  name: 'relay-certificate'
  properties: { value: relayCertificate }
}

resource keySecret 'Microsoft.KeyVault/vaults/secrets@2024-11-01' = if (relay) {
  parent: vault
  name: 'relay-key'
  properties: { value: relayKey }
}

resource clientsCaSecret 'Microsoft.KeyVault/vaults/secrets@2024-11-01' = if (relay) {
  parent: vault
  name: 'relay-clients-ca'
  properties: { value: relayClientsCa }
}

resource clientCertificateSecret 'Microsoft.KeyVault/vaults/secrets@2024-11-01' = if (relay) {
  parent: vault
  name: 'relay-client-certificate'
  properties: { value: relayClientCertificate }
}

resource clientKeySecret 'Microsoft.KeyVault/vaults/secrets@2024-11-01' = if (relay) {
  parent: vault
  name: 'relay-client-key'
  properties: { value: relayClientKey }
}

resource serviceWraps 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(wrapKey.id, servicePrincipalId, roles.wraps)
  scope: wrapKey
  properties: {
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roles.wraps)
    principalId: servicePrincipalId
    principalType: 'ServicePrincipal'
  }
}

// Every process that opens the stores opens their keyring.
resource auditorUnwraps 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(wrapKey.id, auditorPrincipalId, roles.wraps)
  scope: wrapKey
  properties: {
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roles.wraps)
    principalId: auditorPrincipalId
    principalType: 'ServicePrincipal'
  }
}

resource auditorSigns 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(signKey.id, auditorPrincipalId, roles.signs)
  scope: signKey
  properties: {
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roles.signs)
    principalId: auditorPrincipalId
    principalType: 'ServicePrincipal'
  }
}

resource serviceReadsHealthToken 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(healthTokenSecret.id, servicePrincipalId, roles.readsSecret)
  scope: healthTokenSecret
  properties: {
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roles.readsSecret)
    principalId: servicePrincipalId
    principalType: 'ServicePrincipal'
  }
}

resource auditorReadsHealthToken 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(healthTokenSecret.id, auditorPrincipalId, roles.readsSecret)
  scope: healthTokenSecret
  properties: {
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roles.readsSecret)
    principalId: auditorPrincipalId
    principalType: 'ServicePrincipal'
  }
}

resource serviceReadsCertificate 'Microsoft.Authorization/roleAssignments@2022-04-01' = if (relay) {
  name: guid(clientCertificateSecret.id, servicePrincipalId, roles.readsSecret)
  scope: clientCertificateSecret
  properties: {
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roles.readsSecret)
    principalId: servicePrincipalId
    principalType: 'ServicePrincipal'
  }
}

resource serviceReadsKey 'Microsoft.Authorization/roleAssignments@2022-04-01' = if (relay) {
  name: guid(clientKeySecret.id, servicePrincipalId, roles.readsSecret)
  scope: clientKeySecret
  properties: {
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roles.readsSecret)
    principalId: servicePrincipalId
    principalType: 'ServicePrincipal'
  }
}

resource serviceReadsCa 'Microsoft.Authorization/roleAssignments@2022-04-01' = if (relay) {
  name: guid(clientsCaSecret.id, servicePrincipalId, roles.readsSecret)
  scope: clientsCaSecret
  properties: {
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roles.readsSecret)
    principalId: servicePrincipalId
    principalType: 'ServicePrincipal'
  }
}

resource relayReadsSettings 'Microsoft.Authorization/roleAssignments@2022-04-01' = if (relay) {
  name: guid(settingsSecret.id, relayPrincipalId, roles.readsSecret)
  scope: settingsSecret
  properties: {
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roles.readsSecret)
    principalId: relayPrincipalId
    principalType: 'ServicePrincipal'
  }
}

resource relayReadsCertificate 'Microsoft.Authorization/roleAssignments@2022-04-01' = if (relay) {
  name: guid(certificateSecret.id, relayPrincipalId, roles.readsSecret)
  scope: certificateSecret
  properties: {
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roles.readsSecret)
    principalId: relayPrincipalId
    principalType: 'ServicePrincipal'
  }
}

resource relayReadsKey 'Microsoft.Authorization/roleAssignments@2022-04-01' = if (relay) {
  name: guid(keySecret.id, relayPrincipalId, roles.readsSecret)
  scope: keySecret
  properties: {
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roles.readsSecret)
    principalId: relayPrincipalId
    principalType: 'ServicePrincipal'
  }
}

resource relayReadsCa 'Microsoft.Authorization/roleAssignments@2022-04-01' = if (relay) {
  name: guid(clientsCaSecret.id, relayPrincipalId, roles.readsSecret)
  scope: clientsCaSecret
  properties: {
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roles.readsSecret)
    principalId: relayPrincipalId
    principalType: 'ServicePrincipal'
  }
}

module endpoint 'private-endpoint.bicep' = {
  name: 'key-vault-endpoint'
  params: {
    location: location
    tags: tags
    name: 'pe-key-vault-${token}'
    serviceId: vault.id
    groupId: 'vault'
    subnetId: endpointsSubnetId
    zoneId: zoneId
  }
}

resource diagnostics 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  name: 'to-workspace'
  scope: vault
  properties: {
    workspaceId: workspaceId
    logs: [
      { category: 'AuditEvent', enabled: true }
    ]
  }
}

output uri string = vault.properties.vaultUri
output wrapKeyId string = '${vault.properties.vaultUri}keys/${wrapKey.name}'
output signKeyId string = '${vault.properties.vaultUri}keys/${signKey.name}'
output healthTokenReference string = '@Microsoft.KeyVault(SecretUri=${vault.properties.vaultUri}secrets/${healthTokenSecret.name})'
output relayClientCertificateReference string = '@Microsoft.KeyVault(SecretUri=${vault.properties.vaultUri}secrets/relay-client-certificate)'
output relayClientKeyReference string = '@Microsoft.KeyVault(SecretUri=${vault.properties.vaultUri}secrets/relay-client-key)'
output relayClientsCaReference string = '@Microsoft.KeyVault(SecretUri=${vault.properties.vaultUri}secrets/relay-clients-ca)'
