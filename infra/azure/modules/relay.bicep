// MLLP on Azure: Functions can't listen on TCP. The environment is internal: senders reach it through the network that the hospital is connected to.
// TLS ends in the relay itself (its ingress passes TCP on), so that it sees whose certificate it is.

@description('Region.')
param location string
@description('Tags of every resource.')
param tags object
@description('Unique part of names.')
param token string
@description('Spread over availability zones.')
param zoneRedundant bool
@description('Image; azd replaces it when it deploys.')
param image string
@description('Registry that the image is pulled from.')
param registryServer string
@description('The relay\'s identity.')
param identityId string
@description('Subnet of the environment.')
param subnetId string
@description('Network that finds the relay by name.')
param vnetId string
@description('Vault with the relay\'s files.')
param vaultUri string
@description('The site\'s HTTPS door.')
param doorUrl string
@description('Workspace for its output; holds no patient data.')
param workspaceName string

resource workspace 'Microsoft.OperationalInsights/workspaces@2025-02-01' existing = {
  name: workspaceName
}

resource managed 'Microsoft.App/managedEnvironments@2025-01-01' = {
  name: 'cae-radloop-${token}'
  location: location
  tags: tags
  properties: {
    zoneRedundant: zoneRedundant
    vnetConfiguration: {
      infrastructureSubnetId: subnetId
      internal: true
    }
    // `azure-monitor` goes by diagnostic settings (below), which need no workspace key.
    appLogsConfiguration: {
      destination: 'azure-monitor'
    }
    workloadProfiles: [
      {
        name: 'Consumption'
        workloadProfileType: 'Consumption'
      }
    ]
  }
}

resource diagnostics 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  name: 'to-workspace'
  scope: managed
  properties: {
    workspaceId: workspace.id
    logs: [
      { category: 'ContainerAppConsoleLogs', enabled: true }
      { category: 'ContainerAppSystemLogs', enabled: true }
    ]
  }
}

resource app 'Microsoft.App/containerApps@2025-01-01' = {
  name: 'relay-${token}'
  location: location
  tags: union(tags, { 'azd-service-name': 'relay' })
  identity: {
    type: 'UserAssigned'
    userAssignedIdentities: {
      '${identityId}': {}
    }
  }
  properties: {
    environmentId: managed.id
    workloadProfileName: 'Consumption'
    configuration: {
      activeRevisionsMode: 'Single'
      ingress: {
        // Outside the environment, inside the network: the environment itself is internal.
        external: true
        transport: 'tcp'
        targetPort: 2575
        exposedPort: 2575
        additionalPortMappings: [
          {
            external: true
            targetPort: 8443
            exposedPort: 8443
          }
        ]
      }
      registries: [
        {
          server: registryServer
          identity: identityId
        }
      ]
      secrets: [
        {
          name: 'settings'
          keyVaultUrl: '${vaultUri}secrets/relay-settings'
          identity: identityId
        }
        {
          name: 'certificate'
          keyVaultUrl: '${vaultUri}secrets/relay-certificate'
          identity: identityId
        }
        {
          name: 'key'
          keyVaultUrl: '${vaultUri}secrets/relay-key'
          identity: identityId
        }
        {
          name: 'clients-ca'
          keyVaultUrl: '${vaultUri}secrets/relay-clients-ca'
          identity: identityId
        }
      ]
    }
    template: {
      // What is in hand is answered before the process ends.
      terminationGracePeriodSeconds: 60
      containers: [
        {
          name: 'relay'
          image: image
          args: [
            '--settings', '/mnt/relay/settings.json'
            '--door', doorUrl
            '--tls-cert', '/mnt/relay/certificate.pem'
            '--tls-key', '/mnt/relay/key.pem'
            '--tls-ca', '/mnt/relay/clients-ca.pem'
          ]
          resources: {
            cpu: json('1.0')
            memory: '2Gi'
          }
          volumeMounts: [
            {
              volumeName: 'files'
              mountPath: '/mnt/relay'
            }
          ]
          probes: [
            {
              type: 'Readiness'
              tcpSocket: { port: 8443 }
              periodSeconds: 5
            }
            {
              type: 'Liveness'
              tcpSocket: { port: 2575 }
              periodSeconds: 10
              failureThreshold: 3
            }
          ]
        }
      ]
      volumes: [
        {
          name: 'files'
          storageType: 'Secret'
          secrets: [
            { secretRef: 'settings', path: 'settings.json' }
            { secretRef: 'certificate', path: 'certificate.pem' }
            { secretRef: 'key', path: 'key.pem' }
            { secretRef: 'clients-ca', path: 'clients-ca.pem' }
          ]
        }
      ]
      // Never none: a feed keeps its connection open. Two, so that one can be replaced while the other answers.
      scale: {
        minReplicas: 2
        maxReplicas: 5
        rules: [
          {
            name: 'connections'
            tcp: {
              metadata: {
                concurrentConnections: '200'
              }
            }
          }
        ]
      }
    }
  }
}

// Senders and the service find the relay under this name; its certificate must bear it.
resource zone 'Microsoft.Network/privateDnsZones@2024-06-01' = {
  name: 'radloop.internal'
  location: 'global'
  tags: tags
}

resource link 'Microsoft.Network/privateDnsZones/virtualNetworkLinks@2024-06-01' = {
  parent: zone
  name: 'radloop'
  location: 'global'
  properties: {
    registrationEnabled: false
    virtualNetwork: { id: vnetId }
  }
}

resource address 'Microsoft.Network/privateDnsZones/A@2024-06-01' = {
  parent: zone
  name: 'relay'
  properties: {
    ttl: 300
    aRecords: [{ ipv4Address: managed.properties.staticIp }]
  }
}

output mllpAddress string = 'relay.radloop.internal:2575'
