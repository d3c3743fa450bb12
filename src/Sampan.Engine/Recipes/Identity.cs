using Sampan.Engine.Containers;
using Sampan.Oci.Runtime;
using Sampan.Runtime.Observation;

namespace Sampan.Engine.Recipes;

/// <summary>Who a process in a container is.</summary>
/// <param name="User">In numbers.</param>
/// <param name="Home">The home directory.</param>
internal sealed record Identity(OciUser User, string Home)
{
    /// <summary>Looks the user up in the container's own account files.</summary>
    public static Identity Find(EngineParts parts, ContainerSnapshot container, string? user)
    {
        byte[] passwd, group;
        try
        {
            using var view = parts.Snapshots.OpenView(container.Id);
            passwd = view.ReadFile("/etc/passwd", ContainerUsers.MaxFileBytes) ?? [];
            group = view.ReadFile("/etc/group", ContainerUsers.MaxFileBytes) ?? [];
        }
        catch (Storage.StorageException failure)
        {
            throw EngineException.Invalid($"cannot look up user '{user}': {failure.Message}", failure);
        }

        return ContainerUsers.TryResolve(user, container.Spec.GroupAdd, passwd, group, out var found, out var home, out var reason)
            ? new Identity(found, home)
            : throw EngineException.Invalid(reason);
    }
}
