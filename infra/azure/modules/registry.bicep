// Holds the relay's image and nothing else. Open to the deploying machine's address alone, and only while that is given.

@description('Region.')
param location string
@description('Tags of every resource.')
param tags object
@description('Unique part of names.')
param token string
@description('Address that may push; empty: none from the public network.')
param deployerAddress string
@description('Who pulls.')
param pullerPrincipalId string
@description('Subnet of the private endpoints.')
param endpointsSubnetId string
@description('Zone privatelink.azurecr.io.')
param zoneId string

var roles = {
  pull: '7f951dda-4ed3-4680-a7ca-43fe172d538d' // AcrPull
}

resource registry 'Microsoft.ContainerRegistry/registries@2025-04-01' = {
  name: 'crrl${token}'
  location: location
  tags: tags
  // Private endpoints exist in Premium only.
  sku: { name: 'Premium' }
  properties: {
    adminUserEnabled: false
    anonymousPullEnabled: false
    publicNetworkAccess: empty(deployerAddress) ? 'Disabled' : 'Enabled'
    networkRuleBypassOptions: 'None'
    networkRuleSet: {
      defaultAction: 'Deny'
      ipRules: empty(deployerAddress) ? [] : [{ action: 'Allow', value: deployerAddress }]
    }
  }
}

resource pulls 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(registry.id, pullerPrincipalId, roles.pull)
  scope: registry
  properties: {
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roles.pull)
    principalId: pullerPrincipalId
    principalType: 'ServicePrincipal'
  }
}

module endpoint 'private-endpoint.bicep' = {
  name: 'registry-endpoint'
  params: {
    location: location
    tags: tags
    name: 'pe-registry-${token}'
    serviceId: registry.id
    groupId: 'registry'
    subnetId: endpointsSubnetId
    zoneId: zoneId
  }
}

output loginServer string = registry.properties.loginServer
