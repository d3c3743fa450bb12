using Sampan.DockerApi.Containers;

namespace Sampan.Server.Docker;

/// <summary>What the sender of a request is told: what it says has no effect, or will have none. Null: nothing.</summary>
internal static class RequestAdvice
{
    /// <summary>Limits of the kernel's memory.</summary>
    internal static string? KernelMemory(Resources? resources) => resources is { KernelMemory: > 0 } or { KernelMemoryTCP: > 0 }
        ? "KernelMemory and KernelMemoryTCP are ignored: Linux has no limit of the kernel's memory alone since 5.4. Use Memory instead."
        : null;

    /// <summary>A driver that mounts do not follow.</summary>
    internal static string? VolumeDriver(ContainerCreateRequest request) =>
        request.HostConfig is { VolumeDriver.Length: > 0, Mounts: { } mounts } && mounts.Any(mount => mount.Type == "volume" && string.IsNullOrEmpty(mount.VolumeOptions?.DriverConfig?.Name))
            ? "WARNING: the container-wide volume-driver configuration is ignored for volumes specified via 'mount'. Use '--mount type=volume,volume-driver=...' instead"
            : null;

    /// <summary>A hardware address of no network.</summary>
    internal static string? MacAddress(ContainerCreateRequest request) => string.IsNullOrEmpty(request.MacAddress) ? null
        : "The container-wide MacAddress field is ignored since API v1.52. Specify it in EndpointsConfig instead.";

    /// <summary>Ports without bindings.</summary>
    internal static string? PortBindings(ContainerCreateRequest request)
    {
        var ports = (request.HostConfig?.PortBindings ?? new Dictionary<string, IReadOnlyList<PortBinding>?>()).Where(port => port.Value is null or { Count: 0 }).Select(port => port.Key).ToList();
        return ports.Count == 0 ? null
            : $"Following container port(s) have an empty list of port-bindings: {string.Join(", ", ports)}. Such bindings will be discarded in a future version.";
    }
}
