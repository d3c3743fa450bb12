using Sampan.DockerApi;
using Sampan.DockerApi.Containers;
using Sampan.Server.Http;

namespace Sampan.Server.Docker;

internal static partial class ApiVersionShims
{
    /// <summary>
    /// Query parameters with the first version that knew them, or the first that did not any more: who speaks another is understood without
    /// them, as then. What an older client would lose by it (<c>DELETE /images</c> with <c>platforms</c>) is not among them.
    /// </summary>
    internal static IReadOnlyList<VersionedParameter> Parameters { get; } =
    [
        new("POST", "/containers/{id}/wait", "condition", Since: new(1, 30)),
        new("POST", "/images/create", "platform", Since: new(1, 32)),
        new("POST", "/build", "platform", Since: new(1, 32)),
        new("POST", "/build", "outputs", Since: new(1, 40)),
        new("GET", "/images/json", "filter", Below: new(1, 41)),
        new("GET", "/services", "status", Since: new(1, 41)),
        new("POST", "/containers/create", "platform", Since: new(1, 41)),
        new("GET", "/containers/{id}/stats", "one-shot", Since: new(1, 41)),
        new("POST", "/containers/{id}/stop", "signal", Since: new(1, 42)),
        new("POST", "/containers/{id}/restart", "signal", Since: new(1, 42)),
        new("GET", "/images/json", "shared-size", Since: new(1, 42)),
        new("GET", "/system/df", "type", Since: new(1, 42)),
        new("POST", "/images/{name*}/push", "platform", Since: new(1, 46)),
        new("GET", "/images/json", "manifests", Since: new(1, 47)),
        new("GET", "/images/{name*}/json", "manifests", Since: new(1, 48)),
        new("GET", "/images/{name*}/history", "platform", Since: new(1, 48)),
        new("GET", "/images/{name*}/get", "platform", Since: new(1, 48)),
        new("GET", "/images/get", "platform", Since: new(1, 48)),
        new("POST", "/images/load", "platform", Since: new(1, 48)),
        new("GET", "/images/{name*}/json", "platform", Since: new(1, 49)),
        new("GET", "/system/df", "verbose", Since: new(1, 52)),
        new("GET", "/images/json", "identity", Since: new(1, 54)),
    ];

    private static readonly (ApiVersion Since, Func<ContainerCreateRequest, string?> Of)[] s_advice =
    [
        (ApiVersion.Oldest, request => RequestAdvice.KernelMemory(request.HostConfig)),
        // Before, docker's client said it.
        (new(1, 48), RequestAdvice.VolumeDriver),
        (new(1, 52), RequestAdvice.MacAddress),
        (new(1, 52), RequestAdvice.PortBindings),
    ];

    /// <summary>Whether a version knows a query parameter of an endpoint.</summary>
    internal static bool Knows(ApiVersion version, Route route, string parameter)
    {
        foreach (var row in Parameters)
        {
            if ((version < row.Since || version >= row.Below) && row.Name == parameter && row.Method == route.Method && row.Template == route.Template)
                return false;
        }

        return true;
    }

    /// <summary>What the sender of a request for a container is told.</summary>
    internal static IEnumerable<string> Advise(ContainerCreateRequest request, ApiVersion version) =>
        s_advice.Where(row => version >= row.Since).Select(row => row.Of(request)).OfType<string>();
}
