// One network: a subnet an app (Flex Consumption and Container Apps may not share one), a subnet for the private endpoints, and the zones that give
// the stores' names their private addresses. Connect it to the hospital by VPN or ExpressRoute; that is the site's own.

@description('Region.')
param location string
@description('Tags of every resource.')
param tags object
@description('Unique part of names.')
param token string

var addressSpace = '10.80.0.0/22'

// Nothing from the internet comes in here; the apps' own front door is Azure's, and goes through its own checks.
resource closed 'Microsoft.Network/networkSecurityGroups@2025-05-01' = {
  name: 'nsg-radloop-${token}'
  location: location
  tags: tags
  properties: {
    securityRules: [
      {
        name: 'no-internet-in'
        properties: {
          description: 'Private endpoints and the relay are reached from this network and what is connected to it.'
          priority: 4000
          direction: 'Inbound'
          access: 'Deny'
          protocol: '*'
          sourceAddressPrefix: 'Internet'
          sourcePortRange: '*'
          destinationAddressPrefix: '*'
          destinationPortRange: '*'
        }
      }
    ]
  }
}

resource vnet 'Microsoft.Network/virtualNetworks@2025-05-01' = {
  name: 'vnet-radloop-${token}'
  location: location
  tags: tags
  properties: {
    addressSpace: {
      addressPrefixes: [addressSpace]
    }
    subnets: [
      {
        name: 'service'
        properties: {
          addressPrefix: '10.80.0.0/24'
          networkSecurityGroup: { id: closed.id }
          delegations: [
            {
              name: 'flex'
              properties: { serviceName: 'Microsoft.App/environments' }
            }
          ]
        }
      }
      {
        name: 'auditor'
        properties: {
          addressPrefix: '10.80.1.0/26'
          networkSecurityGroup: { id: closed.id }
          delegations: [
            {
              name: 'flex'
              properties: { serviceName: 'Microsoft.App/environments' }
            }
          ]
        }
      }
      {
        name: 'relay'
        properties: {
          addressPrefix: '10.80.1.64/26'
          networkSecurityGroup: { id: closed.id }
          delegations: [
            {
              name: 'container-apps'
              properties: { serviceName: 'Microsoft.App/environments' }
            }
          ]
        }
      }
      {
        name: 'endpoints'
        properties: {
          addressPrefix: '10.80.1.128/26'
          networkSecurityGroup: { id: closed.id }
          privateEndpointNetworkPolicies: 'Enabled'
        }
      }
    ]
  }
}

var zoneNames = [
  'privatelink.documents.azure.com'
  'privatelink.servicebus.windows.net'
  'privatelink.blob.${environment().suffixes.storage}'
  'privatelink.vaultcore.azure.net'
  'privatelink.azurecr.io'
]

resource zones 'Microsoft.Network/privateDnsZones@2024-06-01' = [
  for zone in zoneNames: {
    name: zone
    location: 'global'
    tags: tags
  }
]

resource links 'Microsoft.Network/privateDnsZones/virtualNetworkLinks@2024-06-01' = [
  for (zone, index) in zoneNames: {
    parent: zones[index]
    name: 'radloop'
    location: 'global'
    properties: {
      registrationEnabled: false
      virtualNetwork: { id: vnet.id }
    }
  }
]

output vnetId string = vnet.id
output serviceSubnetId string = '${vnet.id}/subnets/service'
output auditorSubnetId string = '${vnet.id}/subnets/auditor'
output relaySubnetId string = '${vnet.id}/subnets/relay'
output endpointsSubnetId string = '${vnet.id}/subnets/endpoints'
output cosmosZoneId string = zones[0].id
output serviceBusZoneId string = zones[1].id
output blobZoneId string = zones[2].id
output keyVaultZoneId string = zones[3].id
output registryZoneId string = zones[4].id
