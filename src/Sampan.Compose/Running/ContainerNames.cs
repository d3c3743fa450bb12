using Sampan.Compose.Model;

namespace Sampan.Compose.Running;

/// <summary>Names of containers, as docker's tool makes them.</summary>
public static class ContainerNames
{
    /// <summary>The name of a service's container.</summary>
    public static string Of(Project project, Service service, int number) => service.ContainerName ?? string.Join(project.Separator, project.Name, service.Name, number);
}
