// A private address for one service in the subnet of endpoints, and its name in the private zone.

@description('Region.')
param location string
@description('Tags of every resource.')
param tags object
@description('Name of the endpoint.')
param name string
@description('Resource that gets the address.')
param serviceId string
@description('Its sub-resource, as Azure names it: Sql, namespace, blob, vault, registry.')
param groupId string
@description('Subnet of the endpoints.')
param subnetId string
@description('Private DNS zone of the service.')
param zoneId string

resource endpoint 'Microsoft.Network/privateEndpoints@2025-05-01' = {
  name: name
  location: location
  tags: tags
  properties: {
    subnet: { id: subnetId }
    privateLinkServiceConnections: [
      {
        name: groupId
        properties: {
          privateLinkServiceId: serviceId
          groupIds: [groupId]
        }
      }
    ]
  }
}

resource names 'Microsoft.Network/privateEndpoints/privateDnsZoneGroups@2025-05-01' = {
  parent: endpoint
  name: 'default'
  properties: {
    privateDnsZoneConfigs: [
      {
        name: groupId
        properties: { privateDnsZoneId: zoneId }
      }
    ]
  }
}
