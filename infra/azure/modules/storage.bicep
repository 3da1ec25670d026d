// Two accounts: raw bodies (sealed before they get here), and anchors of the audit chain that nobody can change. Entra tokens only, private endpoints only.

@description('Region.')
param location string
@description('Tags of every resource.')
param tags object
@description('Unique part of names.')
param token string
@description('Spread over availability zones.')
param zoneRedundant bool
@description('Days for which an anchor can\'t be changed or deleted.')
param anchorDays int
@description('Who writes and reads bodies.')
param servicePrincipalId string
@description('Who writes anchors.')
param auditorPrincipalId string
@description('Subnet of the private endpoints.')
param endpointsSubnetId string
@description('Zone privatelink.blob.core.windows.net.')
param zoneId string

var roles = {
  contributor: 'ba92f5b4-2d11-453d-a403-e96b0029c9fe' // Storage Blob Data Contributor
  reader: '2a2b9908-6ea1-4ae2-8e65-a410df84e7d1' // Storage Blob Data Reader
}
var redundancy = zoneRedundant ? 'Standard_ZRS' : 'Standard_LRS'

resource bodiesAccount 'Microsoft.Storage/storageAccounts@2025-01-01' = {
  name: 'strlbody${take(token, 13)}'
  location: location
  tags: tags
  kind: 'StorageV2'
  sku: { name: redundancy }
  properties: {
    allowSharedKeyAccess: false
    allowBlobPublicAccess: false
    minimumTlsVersion: 'TLS1_2'
    supportsHttpsTrafficOnly: true
    publicNetworkAccess: 'Disabled'
    networkAcls: {
      bypass: 'None'
      defaultAction: 'Deny'
    }
  }
}

resource bodiesService 'Microsoft.Storage/storageAccounts/blobServices@2025-01-01' = {
  parent: bodiesAccount
  name: 'default'
  properties: {
    // A body that was deleted by mistake can be had back; what is to be unreadable is shredded by its key.
    deleteRetentionPolicy: {
      enabled: true
      days: 30
    }
  }
}

resource bodies 'Microsoft.Storage/storageAccounts/blobServices/containers@2025-01-01' = {
  parent: bodiesService
  name: 'bodies'
  properties: {
    publicAccess: 'None'
  }
}

// Read by people when Radloop and Cosmos DB are gone: give them Storage Blob Data Reader on this container.
resource downtime 'Microsoft.Storage/storageAccounts/blobServices/containers@2025-01-01' = {
  parent: bodiesService
  name: 'downtime'
  properties: {
    publicAccess: 'None'
  }
}

resource anchorsAccount 'Microsoft.Storage/storageAccounts@2025-01-01' = {
  name: 'strlanch${take(token, 13)}'
  location: location
  tags: tags
  kind: 'StorageV2'
  sku: { name: redundancy }
  properties: {
    allowSharedKeyAccess: false
    allowBlobPublicAccess: false
    minimumTlsVersion: 'TLS1_2'
    supportsHttpsTrafficOnly: true
    publicNetworkAccess: 'Disabled'
    networkAcls: {
      bypass: 'None'
      defaultAction: 'Deny'
    }
  }
}

resource anchorsService 'Microsoft.Storage/storageAccounts/blobServices@2025-01-01' = {
  parent: anchorsAccount
  name: 'default'
}

resource anchors 'Microsoft.Storage/storageAccounts/blobServices/containers@2025-01-01' = {
  parent: anchorsService
  name: 'anchors'
  properties: {
    publicAccess: 'None'
  }
}

// Lines can be added to an anchor file, nothing can be changed or deleted. Azure makes a policy only unlocked; locking it is one command, and for good
// (infra/README.md, "Lock the anchors").
resource anchorsStay 'Microsoft.Storage/storageAccounts/blobServices/containers/immutabilityPolicies@2025-01-01' = {
  parent: anchors
  name: 'default'
  properties: {
    immutabilityPeriodSinceCreationInDays: anchorDays
    allowProtectedAppendWrites: true
  }
}

resource serviceKeepsBodies 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(bodies.id, servicePrincipalId, roles.contributor)
  scope: bodies
  properties: {
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roles.contributor)
    principalId: servicePrincipalId
    principalType: 'ServicePrincipal'
  }
}

resource serviceWritesDowntime 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(downtime.id, servicePrincipalId, roles.contributor)
  scope: downtime
  properties: {
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roles.contributor)
    principalId: servicePrincipalId
    principalType: 'ServicePrincipal'
  }
}

// How old the last anchor is, for health and alerts.
resource serviceReadsAnchors 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(anchors.id, servicePrincipalId, roles.reader)
  scope: anchors
  properties: {
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roles.reader)
    principalId: servicePrincipalId
    principalType: 'ServicePrincipal'
  }
}

// The role may delete; the policy may not be got round by any role.
resource auditorWritesAnchors 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(anchors.id, auditorPrincipalId, roles.contributor)
  scope: anchors
  properties: {
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roles.contributor)
    principalId: auditorPrincipalId
    principalType: 'ServicePrincipal'
  }
}

module bodiesEndpoint 'private-endpoint.bicep' = {
  name: 'bodies-endpoint'
  params: {
    location: location
    tags: tags
    name: 'pe-bodies-${token}'
    serviceId: bodiesAccount.id
    groupId: 'blob'
    subnetId: endpointsSubnetId
    zoneId: zoneId
  }
}

module anchorsEndpoint 'private-endpoint.bicep' = {
  name: 'anchors-endpoint'
  params: {
    location: location
    tags: tags
    name: 'pe-anchors-${token}'
    serviceId: anchorsAccount.id
    groupId: 'blob'
    subnetId: endpointsSubnetId
    zoneId: zoneId
  }
}

output blobEndpoint string = bodiesAccount.properties.primaryEndpoints.blob
output anchorsAccountName string = anchorsAccount.name
output downtimeUrl string = '${bodiesAccount.properties.primaryEndpoints.blob}downtime'
output anchorsUrl string = '${anchorsAccount.properties.primaryEndpoints.blob}anchors'
